"""Processing in memory: units in the banks, their commands beside the normal ones on the same channel."""
