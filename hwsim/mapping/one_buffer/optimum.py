"""The least words of all tiles and orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hwsim.mapping.one_buffer.families import Family, cost_of_a_trip, families
from hwsim.mapping.one_buffer.model import AXES, ORDERS, Axis, Order, Sizes, Traffic, traffic
from hwsim.mapping.one_buffer.tile_sizes import AnySize, TileSizes, divisors
from hwsim.spec.errors import InputError

SMALLEST_ROOM = 3
"""Words of a tile of one element of each operand."""
LARGEST = 10**12
"""Elements along an axis, at most: the search takes time with their square root."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """A best mapping: of all with the least words that with the least room, then order, then tile.

    ``candidates`` is how many tiles were costed; all others are no better than one of them.
    """

    tile: Sizes
    order: Order
    traffic: Traffic
    candidates: int


def optimum(problem: Sizes, capacity: int) -> Optimum:
    """The least words over every integer tile and every order.

    Raises:
        InputError: a size below 1 or above ``LARGEST``, or a capacity that holds no tile.
    """
    _check(problem, capacity)
    return _best(problem, capacity, {axis: AnySize(problem.along(axis)) for axis in AXES})


def divisor_optimum(problem: Sizes, capacity: int) -> Optimum:
    """As :func:`optimum`, over the tiles that divide the problem along every axis."""
    _check(problem, capacity)
    return _best(problem, capacity, {axis: divisors(problem.along(axis)) for axis in AXES})


def _check(problem: Sizes, capacity: int) -> None:
    for axis in AXES:
        if not 1 <= problem.along(axis) <= LARGEST:
            raise InputError(
                f"{axis.upper()} is {problem.along(axis)}", hint=f"a size is from 1 to {LARGEST:,}"
            )
    if capacity < SMALLEST_ROOM:
        hint = f"the smallest tile has {SMALLEST_ROOM}, a word of each of A, B and C"
        raise InputError(f"no tile fits {capacity} words", hint=hint)


def _best(problem: Sizes, capacity: int, sizes: Mapping[Axis, TileSizes]) -> Optimum:
    found = [_cheapest(problem, family, _tiles(problem, capacity, sizes, family)) for family in families()]
    tiles = {tile for each in found for tile in each.tiles}
    costed = [(traffic(problem, tile, order), tile, order) for tile in tiles for order in ORDERS]
    moved, tile, order = min(
        costed, key=lambda each: (each[0].total, each[1].occupancy, each[2], each[1].m, each[1].n, each[1].k)
    )
    return Optimum(tile, order, moved, sum(each.costed for each in found))


@dataclass(frozen=True, slots=True)
class _Cheapest:
    """The tiles of a family that share its least words, of so many ``costed``."""

    tiles: tuple[Sizes, ...]
    costed: int


def _cheapest(problem: Sizes, family: Family, tiles: Iterator[Sizes]) -> _Cheapest:
    price = {axis: cost_of_a_trip(problem, axis) for axis in family.repeating}
    least: int | None = None
    found: list[Sizes] = []
    costed = 0
    for tile in tiles:
        costed += 1
        words = sum(cost * -(-problem.along(axis) // tile.along(axis)) for axis, cost in price.items())
        if least is None or words < least:
            least, found = words, []
        if words == least:
            found.append(tile)
    return _Cheapest(tuple(found), costed)


def _tiles(problem: Sizes, capacity: int, sizes: Mapping[Axis, TileSizes], family: Family) -> Iterator[Sizes]:
    """The tiles of a family that fit; its largest repeating axis as large as the others allow."""
    least = family.least_tile(problem)
    if not family.repeating:
        tile = Sizes(**least)
        yield from [tile] if tile.occupancy <= capacity else []
        return
    *enumerated, last = sorted(family.repeating, key=problem.along)
    for chosen in _choices(problem, capacity, sizes, least, enumerated):
        room = _room(chosen, last, capacity)
        if room >= 1:
            yield Sizes(**(chosen | {last: sizes[last].fitting(room)}))


def _choices(
    problem: Sizes,
    capacity: int,
    sizes: Mapping[Axis, TileSizes],
    least: dict[Axis, int],
    enumerated: list[Axis],
) -> Iterator[dict[Axis, int]]:
    """The least tile, with every size along the enumerated axis where there is one."""
    if not enumerated:
        yield least
        return
    (axis,) = enumerated
    for size in sizes[axis].up_to(min(problem.along(axis), _room(least, axis, capacity))):
        yield least | {axis: size}


def _room(tile: dict[Axis, int], axis: Axis, capacity: int) -> int:
    """The most elements along ``axis`` with which the tile still fits."""
    one, two = (tile[other] for other in AXES if other != axis)
    return (capacity - one * two) // (one + two)
