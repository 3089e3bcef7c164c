"""A buffer with a fixed lifetime."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Buffer:
    """``size`` bytes alive on the half-open interval ``[lower, upper)``, at a multiple of ``alignment``."""

    id: str
    lower: int
    upper: int
    size: int
    alignment: int = 1

    def aligned(self, offset: int) -> int:
        """The lowest offset this buffer may have that is not below ``offset``."""
        return -(-offset // self.alignment) * self.alignment
