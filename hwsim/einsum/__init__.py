"""Extended Einsums and cascades: text, passes over every rank, footprints, traffic bounds, execution."""
