"""Vector units: lanes that do scalar functions element by element."""

from hwsim.engines.vector.unit import VectorUnit

__all__ = ["VectorUnit"]
