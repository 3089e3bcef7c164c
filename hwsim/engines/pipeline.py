"""How long a sequence of tiles takes when moving data and computing overlap: the stall model.

Each tile is loaded from outer memory into a buffer, computed, and its result stored back:

* A load starts when its port is free and a buffer slot is: with ``load_slots`` slots, when the tile that many
  loads before has been computed (2: double buffered, 1: load and compute take turns).
* A tile is computed when its load is done, the tile before is computed, and a result slot is free: when the
  result ``store_slots`` results before is stored.
* A store starts when its tile is computed and its port is free.
* A port serves requests in the order in which they become ready; when a load and a store become ready at once
  the load goes first. Loads and stores share one port or have one each.
* A tile that loads nothing uses what the tile before it loaded, which keeps its slot so long; a tile that
  stores nothing adds to the result of the next one that does.

Times are whole cycles and the result is exact: it equals walking tile by tile. Every rule is a maximum of
earlier times plus a constant, so the walk is linear in the (max, +) algebra; long repetitions are skipped as
soon as they become periodic and otherwise raised to a power by squaring (Baccelli, Cohen, Olsder, Quadrat,
"Synchronization and Linearity", 1992, chapter 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hwsim.engines import tile_walk
from hwsim.engines.tiles import (
    Buffers,
    Loop,
    Segment,
    Tiles,
    first_load,
    last_segment,
    sums,
    without_stores,
)

__all__ = ["Buffers", "Latency", "Loop", "Segment", "Tiles", "bound_cycles", "latency", "total_cycles"]


@dataclass(frozen=True, slots=True)
class Latency:
    """The cycles of a tile sequence and where they went; the parts add up to ``cycles``.

    Each cause is what removing it would save, those named before it removed already: ``capacity`` by a second
    slot where there is one; ``store`` by results that cost nothing to store (the last drain and the loads
    that stores delay included); ``bandwidth`` by loads that arrive in time; ``fill`` is the first load.
    """

    cycles: int
    compute_cycles: int
    fill_cycles: int
    bandwidth_cycles: int
    store_cycles: int
    capacity_cycles: int

    @property
    def stall_cycles(self) -> int:
        """Cycles in which nothing is computed, of whatever cause."""
        return self.cycles - self.compute_cycles


def latency(sequence: Sequence[Tiles], buffers: Buffers) -> Latency:
    """Exact cycles of the tiles in order, and the stalls by cause (all 0 for no tiles)."""
    roomy = replace(buffers, load_slots=max(2, buffers.load_slots), store_slots=max(2, buffers.store_slots))
    total = sums(sequence)
    cycles = total_cycles(sequence, buffers)
    with_room = cycles if roomy == buffers else total_cycles(sequence, roomy)
    unstored = total_cycles(without_stores(sequence), roomy) if total.store_cycles else with_room
    fill = first_load(sequence) if sequence else 0
    return Latency(
        cycles=cycles,
        compute_cycles=total.compute_cycles,
        fill_cycles=fill,
        bandwidth_cycles=unstored - total.compute_cycles - fill,
        store_cycles=with_room - unstored,
        capacity_cycles=cycles - with_room,
    )


def total_cycles(sequence: Sequence[Tiles], buffers: Buffers) -> int:
    """Cycles from the start of the first load to the end of the last store."""
    return tile_walk.finish(buffers, sequence) if sequence else 0


def bound_cycles(sequence: Sequence[Tiles], buffers: Buffers) -> int:
    """Fewest cycles with any number of slots and any order on the ports.

    The compute unit is idle during the first load and the last store; a port moves one word after another.
    """
    if not sequence:
        return 0
    total = sums(sequence)
    computing = first_load(sequence) + total.compute_cycles + last_segment(sequence).store_cycles
    if buffers.ports == "shared":
        return max(computing, total.load_cycles + total.store_cycles)
    return max(computing, total.load_cycles, total.store_cycles)
