"""Measuring real kernels with PyTorch: suites, a harness, and a table that can be resumed."""
