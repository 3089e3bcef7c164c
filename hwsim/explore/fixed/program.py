"""A step's tiles as a program for the compiled walk, and its times at many rates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.tile_walk import Repeat, Step, Steps, walk_of
from hwsim.engines.tiles import Buffers, Loop, Tiles
from hwsim.explore.fixed.kernel import BEGIN, END, TILE, finish, finish_chunks

Cycles = NDArray[np.int64]
Rates = tuple[float | None, ...]
"""Bits a cycle of the outermost memory; None where it is no limit."""


@dataclass(frozen=True, slots=True)
class Timed:
    """An entry a rate: cycles of the step, and those in which the outermost memory works."""

    cycles: Cycles
    outer: Cycles


@dataclass(frozen=True, slots=True)
class TileProgram:
    """Tiles of a contraction. ``amounts`` are the different numbers of bits that are moved at once, 0 first;
    ``loads`` and ``stores`` say how often each is.
    """

    buffers: Buffers
    amounts: tuple[int, ...]
    loads: Cycles
    stores: Cycles
    code: tuple[Cycles, Cycles, Cycles, Cycles]
    starts: Cycles

    def timed(self, rates: Rates) -> Timed:
        """The times at these rates."""
        cycles = moved(np.array(self.amounts), rates)
        separate = int(self.buffers.ports == "separate")
        ends = finish(*self.code, self.starts, cycles, self.buffers.load_slots, separate)
        return Timed(ends, _outer(cycles @ self.loads, cycles @ self.stores, self.buffers))


@dataclass(frozen=True, slots=True)
class ChunkProgram:
    """Equal pieces of vector work: bits in and out, cycles of the unit, all together."""

    buffers: Buffers
    load_bits: int
    store_bits: int
    compute: int
    chunks: int

    def timed(self, rates: Rates) -> Timed:
        """The times at these rates."""
        both = np.array([self.load_bits, self.store_bits])
        cycles = moved(both, rates)
        loads, stores = np.ascontiguousarray(cycles[:, 0]), np.ascontiguousarray(cycles[:, 1])
        separate = int(self.buffers.ports == "separate")
        ends = finish_chunks(loads, self.compute, stores, self.chunks, self.buffers.load_slots, separate)
        return Timed(ends, _outer(loads, stores, self.buffers))


def moved(bits: Any, rates: Rates) -> Cycles:
    """Cycles to move so many bits at each rate, as :func:`hwsim.simulation.scene.bits_cycles` counts them: a
    row a rate, a column an amount.
    """
    below = np.array([np.inf if rate is None else rate for rate in rates])[:, np.newaxis]
    cycles = -np.floor_divide(-bits.astype(np.float64)[np.newaxis, :], below)
    cycles[np.isinf(below[:, 0])] = 0
    found: Cycles = cycles.astype(np.int64)
    return found


def tile_program(sequence: Sequence[Tiles], buffers: Buffers) -> TileProgram:
    """The program of a sequence whose loads and stores are in bits."""
    places: dict[int, int] = {0: 0}
    starts, steps = walk_of(buffers.load_slots, sequence)
    code = np.array(list(_code(steps, places, 0)), dtype=np.int64).reshape(-1, 4)
    begin = [places.setdefault(each, len(places)) for each in starts]
    loads, stores = _counts(sequence, places)
    columns = tuple(np.ascontiguousarray(code[:, column]) for column in range(4))
    return TileProgram(
        buffers,
        tuple(places),
        loads,
        stores,
        (columns[0], columns[1], columns[2], columns[3]),
        np.array(begin),
    )


def _code(steps: Sequence[Steps], places: dict[int, int], start: int) -> Iterator[tuple[int, int, int, int]]:
    for step in steps:
        if isinstance(step, Step):
            store = places.setdefault(step.store, len(places))
            then = -1 if step.next_load is None else places.setdefault(step.next_load, len(places))
            yield TILE, step.compute, store, then
            start += 1
        else:
            body = list(_code(step.body, places, start + 1))
            yield BEGIN, step.times, start + len(body) + 1, 0
            yield from body
            yield END, 0, 0, 0
            start += len(body) + 2


def _counts(sequence: Sequence[Tiles], places: dict[int, int]) -> tuple[Cycles, Cycles]:
    """How often each amount is loaded, and stored."""
    loads: dict[int, int] = {}
    stores: dict[int, int] = {}
    _count(sequence, 1, loads, stores)
    for amount in (*loads, *stores):
        places.setdefault(amount, len(places))
    return (
        np.array([loads.get(amount, 0) for amount in places]),
        np.array([stores.get(amount, 0) for amount in places]),
    )


def _count(sequence: Sequence[Tiles], times: int, loads: dict[int, int], stores: dict[int, int]) -> None:
    for node in sequence:
        if isinstance(node, Loop):
            _count(node.body, times * node.repeat, loads, stores)
        else:
            loads[node.load_cycles] = loads.get(node.load_cycles, 0) + times * node.repeat
            stores[node.store_cycles] = stores.get(node.store_cycles, 0) + times * node.repeat


def _outer(loads: Cycles, stores: Cycles, buffers: Buffers) -> Cycles:
    found: Cycles = loads + stores if buffers.ports == "shared" else np.maximum(loads, stores)
    return found


__all__ = ["ChunkProgram", "Repeat", "Rates", "TileProgram", "Timed", "moved", "tile_program"]
