"""Measured GPU kernels against the kernel models: tables, fits, cross-validation."""
