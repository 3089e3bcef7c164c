"""What makes a cascade sensible, one concern a module."""
