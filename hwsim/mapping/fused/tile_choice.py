"""The tiles of scores on a grid that leaves them open: powers of two, of which the fastest are taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import product
from math import inf

from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.search import one_pass_choices
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.fused.work import measure


def tile_choices(machine: TwoArrayMachine, shape: AttentionShape) -> Iterator[TwoArrayMachine]:
    """The machine with every tile of a declared set: powers of two of keys and of queries, up to all."""
    for rows, columns in product(_sides(shape.keys), _sides(shape.queries)):
        yield replace(machine, rows=rows, columns=columns)


@lru_cache(maxsize=1024)
def best_tiles(machines: tuple[TwoArrayMachine, ...], shape: AttentionShape) -> TwoArrayMachine:
    """The one on which a pass over the keys is fastest; of equals the one that moves least."""
    return min(machines, key=lambda machine: _measure(machine, shape))


def _measure(machine: TwoArrayMachine, shape: AttentionShape) -> tuple[float, float]:
    found = [measure(machine, choice, shape) for choice in one_pass_choices(machine, shape)]
    return min(found, default=(inf, inf))


def _sides(size: int) -> list[int]:
    """Powers of two up to the first that is not less than ``size``."""
    return [2**power for power in range((size - 1).bit_length() + 1)]
