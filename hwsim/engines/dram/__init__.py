"""DRAM at command level: devices and commands as data, exact timing, schedulers, refresh, energy."""
