"""Action counts times technology tables: energy, area, leakage."""
