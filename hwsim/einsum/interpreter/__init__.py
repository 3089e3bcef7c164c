"""Running cascades on numpy arrays."""
