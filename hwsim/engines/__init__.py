"""Models of hardware: one folder a kind."""
