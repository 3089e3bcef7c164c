"""One contraction planned: every movement against a literal walk, and tiles that fit."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mapping.literal import elements, flow, visits, whole_region
from mapping.nests import convolutions, nests, products
from mapping.requests import array_machines, request_on

from hwsim.arch.machine import memory_of
from hwsim.arch.memory import ROLES
from hwsim.mapping.matrix import lacking, levels_of, movements, needs, plan_depths
from hwsim.mapping.search_memory import SearchMemory
from hwsim.mapping.tiles import edge_words

UNLIMITED = st.just("64 MiB")


def _bytes(bits):
    return -(-bits // 8)


@st.composite
def planned(draw, problems, most_memories=2):
    """A request and any levels for it, whether they fit or not."""
    arch = draw(array_machines(most_memories, UNLIMITED))
    request = request_on(arch, draw(problems))
    _, levels = draw(nests(st.just(request.problem), depth=request.depth))
    return request, levels


@settings(max_examples=150, deadline=None)
@given(planned(st.one_of(products, convolutions())))
def test_movements_are_what_a_walk_moves(case):
    request, levels = case
    moved = {(move.role, move.outer): move for move in movements(request, levels)}
    for role in ROLES:
        path = request.paths[role]
        for depth in range(1, len(path)):
            walked, move = flow(request.problem, levels[:depth], role), moved[role, path[depth - 1].name]
            if role == "output":
                assert move.down == _bytes(walked.partial_in * 32)
                assert move.up == _bytes(walked.finished_out * 8 + walked.partial_out * 32)
            else:
                assert (move.down, move.up) == (_bytes(walked.loaded * 8), 0)


@settings(max_examples=100, deadline=None)
@given(planned(products))
def test_the_edge_moves_the_words_of_the_innermost_tiles(case):
    request, levels = case
    words = edge_words(request.problem, levels, request.engine)
    for move in movements(request, levels):
        if move.inner == request.engine.component.name:
            final = request.problem.batch * request.problem.M * request.problem.N
            if move.role == "output":
                assert move.down == _bytes(words["output"].reads * 32)
                assert move.up == _bytes(final * 8 + (words["output"].writes - final) * 32)
            else:
                assert (move.down, move.up) == (words[move.role].reads, 0)


@settings(max_examples=150, deadline=None)
@given(array_machines(), st.one_of(products, convolutions()))
def test_planned_tiles_fit_with_their_partial_sums(arch, problem):
    """Walked literally: what a memory must hold of each role at once, buffers included, fits its capacity."""
    request = request_on(arch, problem)
    depths = plan_depths(request, SearchMemory())
    if depths is None:
        assert lacking(request)
        return
    levels = levels_of(depths)
    assert not [need for need in needs(request, depths) if need.bytes > need.free]
    held = _held(request, levels)
    for name, bits in held.items():
        part = arch.find(name)
        room = 8 * memory_of(part).capacity
        slack = _line_slack(request, levels, name)
        assert bits <= room + slack


def _held(request, levels):
    """Bits of the largest tile of each role in each memory; sums are partial where any come back or grow."""
    held: dict[str, int] = {}
    for role in ROLES:
        path = request.paths[role]
        for depth in range(1, len(path)):
            memory = path[depth]
            walked = flow(request.problem, levels[:depth], role)
            inner = flow(request.problem, levels[: depth + 1], role) if depth < len(path) - 1 else None
            grows = role == "output" and (inner is None or inner.partial_out > 0 or walked.partial_out > 0)
            bits = 32 if grows else 8
            buffers = 2 if memory_of(memory).double_buffered else 1
            regions = [each[depth - 1] for each in visits(levels[:depth], whole_region(request.problem))]
            largest = max(len(elements(request.problem, role, region)) for region in regions)
            held[memory.name] = held.get(memory.name, 0) + buffers * bits * largest // memory.instances
    return held


def _line_slack(request, levels, name):
    """Room that a stationary tile of one fold does not need, for it passes by line."""
    engine = request.engine
    role = {"M": "weight", "N": "input", "K": "output"}[engine.temporal_axis]
    depth = len(request.paths[role]) - 1
    if depth == 0 or request.paths[role][depth].name != name:
        return 0
    batch, *sizes = levels[depth - 1].tile
    across = [
        size <= engine.granule(axis)
        for axis, size in zip(("M", "N", "K"), sizes, strict=True)
        if axis != engine.temporal_axis
    ]
    lone = batch <= engine.component.instances and all(across)
    return 2 * 32 * 16 * batch if lone else 0


@settings(max_examples=100, deadline=None)
@given(array_machines(), st.one_of(products, convolutions()))
def test_a_resident_result_has_room_for_finished_sums_only(arch, problem):
    request = request_on(arch, problem, resident=frozenset({"output"}))
    depths = plan_depths(request, SearchMemory())
    by_line = request.engine.temporal_axis == "K"
    assume(depths is not None and len(request.paths["output"]) > 1 and not by_line)
    levels = levels_of(depths)
    assert flow(problem, levels[:1], "output").partial_out == 0
    home = request.paths["output"][1].name
    taken = sum(need.bytes for need in needs(request, depths) if need.memory == home)
    tile = levels[0].batch * levels[0].M * levels[0].N
    unfinished = len(request.paths["output"]) > 2 and flow(problem, levels[:2], "output").partial_out > 0
    if unfinished or len(request.paths["output"]) == 2:
        assert taken >= 4 * tile // arch.find(home).instances


@settings(max_examples=60, deadline=None)
@given(array_machines(sizes=st.integers(1, 40).map(lambda size: f"{size} B")), products)
def test_what_fits_nowhere_lacks_room(arch, problem):
    """The smallest tile is one element of each operand: two buffers of three elements, sums of 4 bytes."""
    request = request_on(arch, problem)
    if plan_depths(request, SearchMemory()) is not None:
        return
    assert lacking(request)
    for need in lacking(request):
        assert need.free < need.bytes <= 2 * (1 + 1 + 4)
        assert need.free <= memory_of(arch.find(need.memory)).capacity
