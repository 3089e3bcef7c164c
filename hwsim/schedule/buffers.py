"""A buffer with a fixed lifetime."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Buffer:
    """``size`` bytes alive on the half-open interval ``[lower, upper)``."""

    id: str
    lower: int
    upper: int
    size: int
