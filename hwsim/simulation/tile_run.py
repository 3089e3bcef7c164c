"""One step walked tile by tile beside others: the stall model of ``engines.pipeline`` on ports that are
shared.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from hwsim.engines.tiles import Loop, Segment, Tiles, each_load, first_load
from hwsim.simulation.port import Interval, Port
from hwsim.simulation.step import StepTiles


@dataclass(frozen=True, slots=True)
class TileRun:
    """When a step began to move or compute anything, had computed everything, and was over; what it took of
    the load and of the store port.
    """

    begin: int
    computed: int
    end: int
    loads: tuple[Interval, ...]
    stores: tuple[Interval, ...]


def run_tiles(
    tiles: StepTiles, load_port: Port, store_port: Port, may_load: int, may_compute: int
) -> TileRun:
    """Walk the tiles; nothing is moved before ``may_load`` and nothing computed before ``may_compute``.

    A shared port is given twice. Its requests come in the order of the stall model: a load, then a store.
    """
    buffers = tiles.buffers
    may_load = store_port.serve(may_load, tiles.spill_cycles)
    loads = chain(() if first_load(tiles.sequence) else (0,), each_load(tiles.sequence))
    loaded = deque(load_port.serve(may_load, next(loads, 0)) for _ in range(buffers.load_slots))
    stored = deque([0] * buffers.store_slots)
    begin, now = None, may_compute
    for tile, reloads in _with_next(tiles.sequence):
        start = max(now, loaded[0], stored[0])
        begin = start if begin is None else begin
        now = start + tile.compute_cycles
        if reloads:
            loaded.popleft()
            loaded.append(load_port.serve(now, next(loads, 0)))
        if tile.store_cycles:
            stored.popleft()
            stored.append(store_port.serve(now, tile.store_cycles))
    moved = [port.served[0][0] for port in (load_port, store_port) if port.served]
    return TileRun(
        begin=min([begin or 0, *moved]),
        computed=now,
        end=max(now, *stored),
        loads=tuple(load_port.served),
        stores=tuple(store_port.served),
    )


def _with_next(sequence: tuple[Tiles, ...]) -> Iterator[tuple[Segment, bool]]:
    """Every tile, and whether the one after it needs a load of its own; nothing is left to load after the
    last.
    """
    before: Segment | None = None
    for tile in _each(sequence):
        if before is not None:
            yield before, tile.load_cycles > 0
        before = tile
    if before is not None:
        yield before, True


def _each(sequence: tuple[Tiles, ...]) -> Iterator[Segment]:
    for node in sequence:
        for _ in range(node.repeat):
            if isinstance(node, Loop):
                yield from _each(node.body)
            else:
                yield node
