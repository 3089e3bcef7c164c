"""Measurements that cannot be true: bytes over bandwidth, operations over peak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwsim.validation.gpu.table import Measured

ALLOWED = 1.03
"""A bound may be passed by this factor: clocks and datasheets are rounded."""


@dataclass(frozen=True, slots=True)
class Impossible:
    """A row, how many times faster than its bound it claims to be, and why that cannot be."""

    row: Measured
    least_s: float
    ratio: float
    reason: str


def impossible(rows: Sequence[Measured]) -> tuple[Impossible, ...]:
    """The rows that are faster than physics allows."""
    from hwsim.validation.gpu.columns import least

    known = [row for row in rows if row.seconds is not None]
    found = []
    for row, least_s in zip(known, least(known), strict=True):
        seconds = row.seconds or 0.0
        if least_s > ALLOWED * seconds:
            ratio = float(least_s / seconds)
            claim = f"{seconds * 1e6:.4g} us claims {ratio:.2f} x what {row.gpu} can do at best"
            reason = f"{claim} ({least_s * 1e6:.4g} us)"
            found.append(Impossible(row, float(least_s), ratio, reason))
    return tuple(found)
