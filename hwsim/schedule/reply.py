"""What a solver process is asked and what it answers: plain values that travel as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """``engine``: ``cpsat`` or ``highs``. ``floor_bytes`` is a known lower bound; only plans below
    ``ceiling_bytes`` are of interest. ``addresses``: whether addresses are part of the model.
    """

    engine: str
    graph: dict[str, Any]
    addresses: bool
    time_limit_s: float
    floor_bytes: int = 0
    ceiling_bytes: int | None = None
    threads: int = 2
    seed: int = 1

    def as_json(self) -> dict[str, Any]:
        """The request as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Reply:
    """``status``: ``optimal``, ``feasible``, ``infeasible`` (nothing below the ceiling) or ``unknown``.

    ``bound_bytes``: the solver's own lower bound. ``keeps``: (tensor, boundary) pairs. ``addresses``:
    (tensor, step, units); only those of resident tensors mean anything.
    """

    status: str
    objective_bytes: int | None
    bound_bytes: int
    order: list[int] = field(default_factory=list)
    keeps: list[tuple[int, int]] = field(default_factory=list)
    addresses: list[tuple[int, int, int]] = field(default_factory=list)

    @classmethod
    def none_below(cls, request: Request) -> Reply:
        """Proved: no plan is cheaper than the ceiling."""
        return cls("infeasible", None, request.ceiling_bytes or request.floor_bytes)

    def as_json(self) -> dict[str, Any]:
        """The reply as JSON values."""
        return asdict(self)
