"""Analog compute-in-memory macros: weights in the cells of a crossbar, sums on its bit lines, converters."""

from hwsim.engines.crossbar.macro import CrossbarMacro

__all__ = ["CrossbarMacro"]
