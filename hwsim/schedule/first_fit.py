"""First fit: each buffer at the lowest gap among those placed before it, in a few good orders."""

from __future__ import annotations

from collections.abc import Callable

from hwsim.schedule.buffers import Buffer

_ORDERS: tuple[Callable[[Buffer], int], ...] = (
    lambda buffer: buffer.lower - buffer.upper,
    lambda buffer: -buffer.size * (buffer.upper - buffer.lower),
    lambda buffer: -buffer.size,
    lambda buffer: buffer.lower,
)


def first_fit(buffers: tuple[Buffer, ...], capacity: int) -> dict[str, int] | None:
    """Offsets inside ``[0, capacity)`` by buffer id, from the first order that works; None if none does."""
    for key in _ORDERS:
        offsets = _placed(sorted(buffers, key=key))
        if _peak(buffers, offsets) <= capacity:
            return offsets
    return None


def lowest_first_fit(buffers: tuple[Buffer, ...]) -> dict[str, int]:
    """Offsets by buffer id, from the order whose highest byte is lowest."""
    every = (_placed(sorted(buffers, key=key)) for key in _ORDERS)
    return min(every, key=lambda offsets: _peak(buffers, offsets))


def _peak(buffers: tuple[Buffer, ...], offsets: dict[str, int]) -> int:
    return max((offsets[buffer.id] + buffer.size for buffer in buffers), default=0)


def _placed(ordered: list[Buffer]) -> dict[str, int]:
    placed: list[tuple[int, Buffer]] = []
    for buffer in ordered:
        alive = (entry for entry in placed if _meet(entry[1], buffer))
        offset = _lowest_gap(sorted((at, other.size) for at, other in alive), buffer)
        placed.append((offset, buffer))
    return {buffer.id: offset for offset, buffer in placed}


def _meet(first: Buffer, second: Buffer) -> bool:
    return first.lower < second.upper and second.lower < first.upper


def _lowest_gap(taken: list[tuple[int, int]], buffer: Buffer) -> int:
    """The lowest offset at which the buffer fits between ``taken`` (offset, size), sorted by offset."""
    free = 0
    for offset, length in taken:
        if offset - free >= buffer.size:
            break
        free = max(free, buffer.aligned(offset + length))
    return free
