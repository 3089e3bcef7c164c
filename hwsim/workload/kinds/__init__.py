"""The operator kinds a workload's YAML may name: a class each, found by being in this package."""
