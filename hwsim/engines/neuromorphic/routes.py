"""The links that messages take: first along x, then along y."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from hwsim.engines.neuromorphic.arrays import Ints, Routes
from hwsim.engines.neuromorphic.chip import Chip
from hwsim.engines.neuromorphic.parts import DIRECTIONS

NORTH, EAST, SOUTH, WEST = range(len(DIRECTIONS))


@dataclass(frozen=True, eq=False)
class RouteTable:
    """Routes between pairs of cores, with their hops by direction (routes x 4); ``places`` bounds the numbers
    of the links.
    """

    routes: Routes
    hops: Ints
    places: int


def routes_of(chip: Chip, source: Ints, target: Ints) -> RouteTable:
    """The route of each pair of cores."""
    tiles = np.array([core.tile for core in chip.cores], dtype=np.int64)
    ports = np.array([core.port for core in chip.cores], dtype=np.int64)
    height, links = chip.mesh.height, len(DIRECTIONS) + chip.ports
    here, there = tiles[source], tiles[target]
    across = there // height - here // height
    along = there % height - here % height
    hops = np.stack(
        [np.maximum(along, 0), np.maximum(across, 0), np.maximum(-along, 0), np.maximum(-across, 0)], axis=1
    )
    seconds = np.array([getattr(chip.mesh.hop_latency, name) for name in DIRECTIONS])
    latency = hops @ seconds
    begin = np.concatenate(([0], np.cumsum(hops.sum(axis=1) + 1)))
    place = _places(begin, here, there, len(DIRECTIONS) + ports[source], height, links)
    into = np.concatenate((seconds, np.zeros(chip.ports)))[place % links]
    return RouteTable(Routes(begin, place, into, latency), hops, links * chip.mesh.width * height)


@njit(cache=True)
def _places(begin: Ints, source: Ints, target: Ints, port: Ints, height: int, links: int) -> Ints:
    """The link by which each tile of each route is entered; at the source tile that is the core's port."""
    place = np.empty(begin[-1], np.int64)
    for route in range(len(source)):
        x, y = divmod(source[route], height)
        x_end, y_end = divmod(target[route], height)
        at = begin[route]
        place[at] = source[route] * links + port[route]
        while x != x_end or y != y_end:
            at += 1
            if x != x_end:
                link = EAST if x < x_end else WEST
                x += 1 if x < x_end else -1
            else:
                link = NORTH if y < y_end else SOUTH
                y += 1 if y < y_end else -1
            place[at] = (x * height + y) * links + link
    return place
