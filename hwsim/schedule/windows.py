"""What the time-indexed formulations share: when operators can run and when tensors can be carried."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.schedule.indexed import Indexed, bits


@dataclass(frozen=True, slots=True)
class Windows:
    """``steps``: the steps at which each operator can run, from its transitive ancestors and descendants.

    ``carried``: by tensor, the boundaries it may be kept over: from its first to its last possible use.
    """

    steps: tuple[range, ...]
    carried: tuple[range, ...]


def windows(indexed: Indexed) -> Windows:
    """Order windows of one problem."""
    last = indexed.operators - 1
    steps = tuple(
        range(before.bit_count(), last - after.bit_count() + 1)
        for before, after in zip(indexed.ancestors, indexed.descendants, strict=True)
    )
    return Windows(steps, tuple(_carried(indexed, steps, tensor) for tensor in range(indexed.tensors)))


def users(indexed: Indexed, tensor: int) -> tuple[int, ...]:
    """Operators that touch the tensor: its producer and its consumers."""
    producer = indexed.producer[tensor]
    return (*([producer] if producer >= 0 else []), *bits(indexed.consumers[tensor]))


def _carried(indexed: Indexed, steps: tuple[range, ...], tensor: int) -> range:
    consumers = list(bits(indexed.consumers[tensor]))
    if not consumers:
        return range(0)
    earliest = min(steps[operator].start for operator in users(indexed, tensor))
    latest = max(steps[operator].stop - 1 for operator in consumers)
    return range(earliest + 1, latest + 1)
