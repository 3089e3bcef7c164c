"""What every profiler says: this kernel ran so long, and with luck for which operator of which shapes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """The kernels of one call of an operator.

    ``operator`` is what the framework calls it ("" where the trace does not say), ``shapes`` those of its
    tensor arguments in order (``()`` for scalars), ``datatypes`` theirs; ``arguments`` are the other ones as
    text; ``kernels`` are names; ``seconds`` those of all of them.
    """

    operator: str
    shapes: tuple[Shape, ...]
    datatypes: tuple[str, ...]
    arguments: tuple[str, ...]
    kernels: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Kernels that no operator with known shapes stands behind: how many, how long, and why."""

    kernel: str
    count: int
    seconds: float
    reason: str


def unmatched(events: Iterable[tuple[Event, str]]) -> tuple[Unmatched, ...]:
    """Events with their reasons, added up by kernel and reason, the longest first."""
    found: dict[tuple[str, str], tuple[int, float]] = {}
    for event, reason in events:
        key = (name_of(event), reason)
        count, seconds = found.get(key, (0, 0.0))
        found[key] = (count + 1, seconds + event.seconds)
    listed = [Unmatched(name, count, seconds, reason) for (name, reason), (count, seconds) in found.items()]
    return tuple(sorted(listed, key=lambda each: (-each.seconds, each.kernel)))


def name_of(event: Event) -> str:
    """The first kernel of an event, or its operator where it has none."""
    return event.kernels[0] if event.kernels else event.operator


def shaped(events: Sequence[Event]) -> bool:
    """Whether any event has the shapes of its operator."""
    return any(any(event.shapes) for event in events)
