"""Traces of other profilers, read as calls of operators with the time their kernels took."""
