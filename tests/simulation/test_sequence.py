"""The sequence of tiles, expanded, against a nest walked tile by tile."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from mapping.literal import flow, visits, whole_region
from mapping.nests import convolutions, nests, products

from hwsim.arch.memory import ROLES
from hwsim.engines.tiles import Loop, Segment
from hwsim.simulation.sequence import StreamBits, tile_sequence

bits = st.builds(
    StreamBits,
    input=st.sampled_from((0, 4, 8)),
    weight=st.sampled_from((0, 8, 16)),
    output=st.sampled_from((0, 8)),
    partial=st.just(32),
)


def _expanded(sequence):
    for node in sequence:
        for _ in range(node.repeat):
            if isinstance(node, Loop):
                yield from _expanded(node.body)
            else:
                yield node


def _one_by_one(problem, level, widths):
    """The visits of a nest as segments whose cycles are bits, and the visits themselves."""
    seen = {}

    def cost(visit):
        key = (visit.load_bits, 2 * len(seen), visit.store_bits)
        seen[key[1]] = visit
        return Segment(*key)

    tiles = list(_expanded(tile_sequence(problem, level, widths, cost)))
    return [(tile, seen[tile.compute_cycles]) for tile in tiles]


@settings(max_examples=250, deadline=None)
@given(nests(st.one_of(products, convolutions())), bits)
def test_every_tile_moves_what_a_walk_moves(nest, widths):
    problem, levels = nest
    level = levels[0]
    found = _one_by_one(problem, level, widths)
    flows = {role: flow(problem, levels, role).tiles for role in ROLES}
    regions = [each[-1] for each in visits(levels, whole_region(problem))]
    assert len(found) == len(regions)
    for number, (tile, visit) in enumerate(found):
        (inputs, _, _), (weights, _, _), (back, partial, finished) = (flows[role][number] for role in ROLES)
        sums = widths.partial if widths.output else 0
        assert tile.load_cycles == inputs * widths.input + weights * widths.weight + back * sums
        assert tile.store_cycles == partial * sums + finished * widths.output
        assert visit.tile == tuple(last - first for first, last in (regions[number][axis] for axis in _AXES))


@settings(max_examples=150, deadline=None)
@given(nests(st.one_of(products, convolutions())), bits)
def test_a_tile_opens_unless_only_the_innermost_loop_stepped(nest, widths):
    problem, levels = nest
    found = _one_by_one(problem, levels[0], widths)
    regions = [each[-1] for each in visits(levels, whole_region(problem))]
    innermost = levels[0].order[2]
    for number, (_, visit) in enumerate(found):
        changed = {
            axis for axis in _AXES if number == 0 or regions[number][axis] != regions[number - 1][axis]
        }
        assert visit.opening == (number == 0 or changed != {innermost})


_AXES = ("batch", "M", "N", "K")
