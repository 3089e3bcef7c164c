"""The operator kinds a workload's YAML may name: a class each (or a family of kinds), found by being in this package."""
