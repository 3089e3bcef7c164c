"""Workloads: tensors, operators and their graph; model families, importers, our own YAML."""
