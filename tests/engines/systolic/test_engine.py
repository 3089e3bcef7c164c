"""The array as mapping sees it: closed forms over all tiles against one tile after another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mapping.literal import visits, whole_region
from mapping.nests import nests, products

from hwsim.arch.component import Component
from hwsim.arch.memory import ROLES
from hwsim.engines.systolic.actions import array_actions, edge_actions
from hwsim.engines.systolic.array import SystolicArray
from hwsim.engines.systolic.engine import AXES_OF, SystolicEngine
from hwsim.engines.systolic.folds import ceil_div, compute_cycles, fold_cycles
from hwsim.mapping.cut import tile_problem, tiling_of, whole
from hwsim.mapping.nest import Level
from hwsim.mapping.tiles import array_cycles, clip, cutting, edge_words, innermost_tiles
from hwsim.workload.contraction import Matmul

AXES = ("batch", "M", "N", "K")


@st.composite
def engines(draw, most_instances=3, registers=(1, 2)):
    dataflow = draw(st.sampled_from(sorted(AXES_OF)))
    array = SystolicArray(
        rows=draw(st.integers(1, 4)),
        columns=draw(st.integers(1, 4)),
        dataflow=dataflow,
        stationary_registers=1 if dataflow == "output_stationary" else draw(st.sampled_from(registers)),
        datatype="int8",
        accumulator="int32",
    )
    many = draw(st.integers(1, most_instances))
    return SystolicEngine(Component("array", array, 1e9, many, many), array)


def _tiles(problem, level):
    """Each tile's sizes, and whether it is more than a step of the innermost loop from the one before."""
    before = None
    for (region,) in visits((level,), whole_region(problem)):
        changed = {axis for axis in AXES if before is None or region[axis] != before[axis]}
        sizes = tuple(region[axis][1] - region[axis][0] for axis in AXES)
        yield sizes, before is None or changed != {level.order[2]}
        before = region


@settings(max_examples=250, deadline=None)
@given(engines(), nests(products))
def test_cycles_are_those_of_the_tiles(engine, nest):
    problem, (level,) = nest
    tiles = [
        engine.tile_cycles(problem, sizes, level.order[2], opening)
        for sizes, opening in _tiles(problem, level)
    ]
    assert engine.cycles(problem, level.tiling(problem), level.order[2]) == sum(tiles)


@settings(max_examples=200, deadline=None)
@given(engines(registers=(1,)), products)
def test_an_uncut_product_is_the_closed_form(engine, problem):
    array, (_, M, N, K) = engine.array, whole(problem)
    tiling = tiling_of(problem, whole(problem))
    shape = (array.rows, array.columns, array.dataflow, M, N, K)
    if engine.component.instances == 1:
        assert engine.cycles(problem, tiling, "M") == problem.batch * compute_cycles(*shape)
    words, edge = engine.edge_words(problem, tiling, "M"), edge_actions(*shape)
    assert words["input"].reads == problem.batch * edge.input_reads
    assert words["weight"].reads == problem.batch * edge.weight_reads
    assert words["output"].writes == problem.batch * edge.output_writes
    assert words["output"].reads == problem.batch * edge.partial_sum_reads
    assert words["input"].writes == words["weight"].writes == 0


def _literal_words(engine, problem, level):
    """Words over the edge, one tile after another: one that goes on moves no stationary operand, no sums."""
    rows, columns, dataflow = engine.array.rows, engine.array.columns, engine.array.dataflow
    along = engine.temporal_axis
    inputs = weights = out = back = 0
    begun = set()
    for number, ((region,), (sizes, opening)) in enumerate(
        zip(visits((level,), whole_region(problem)), _tiles(problem, level), strict=True)
    ):
        batch, M, N, K = sizes
        edge = edge_actions(rows, columns, dataflow, M, N, K)
        across = dict(zip(AXES, sizes, strict=True))
        one, other = (axis for axis in AXES_OF[dataflow][:2])
        lone = batch * ceil_div(across[one], rows) * ceil_div(across[other], columns) == 1
        goes_on = not opening and level.order[2] == along and lone and number > 0
        inputs += 0 if goes_on and dataflow == "input_stationary" else batch * edge.input_reads
        weights += 0 if goes_on and dataflow == "weight_stationary" else batch * edge.weight_reads
        if not (goes_on and dataflow == "output_stationary"):
            out += batch * edge.output_writes
            key = (region["batch"], region["M"], region["N"])
            back += batch * (edge.partial_sum_reads + (M * N if key in begun else 0))
            begun.add(key)
    return inputs, weights, back, out


@settings(max_examples=200, deadline=None)
@given(engines(), nests(products))
def test_edge_words_are_those_of_the_tiles(engine, nest):
    problem, (level,) = nest
    inputs, weights, back, out = _literal_words(engine, problem, level)
    words = engine.edge_words(problem, level.tiling(problem), level.order[2])
    assert (words["input"].reads, words["weight"].reads) == (inputs, weights)
    assert (words["output"].reads, words["output"].writes) == (back, out)


@settings(max_examples=100, deadline=None)
@given(engines(), nests(products))
def test_candidates_together_cost_what_each_costs(engine, nest):
    problem, (level,) = nest
    batch, *sizes = level.tile
    columns = np.ix_(*([size, 1] for size in sizes))
    for innermost in ("M", "N", "K"):
        tiling = tiling_of(problem, (batch, *columns))
        cycles = np.broadcast_to(engine.cycles(problem, tiling, innermost), (2, 2, 2))
        words = engine.edge_words(problem, tiling, innermost)
        for place in np.ndindex(2, 2, 2):
            tile = (batch, *(int(column.flat[index]) for column, index in zip(columns, place, strict=True)))
            alone = tiling_of(problem, tile)
            assert cycles[place] == engine.cycles(problem, alone, innermost)
            single = engine.edge_words(problem, alone, innermost)
            for role in ROLES:
                assert np.broadcast_to(words[role].reads, (2, 2, 2))[place] == single[role].reads
                assert np.broadcast_to(words[role].writes, (2, 2, 2))[place] == single[role].writes


def _literal_nest(engine, problem, levels):
    """Cycles and words of a nest: the tiles of every outer tile, each a nest of its own."""
    levels = cutting(levels)
    if len(levels) == 1:
        tiling = levels[0].tiling(problem)
        words = engine.edge_words(problem, tiling, levels[0].order[2])
        counts = [count for role in ROLES for count in (words[role].reads, words[role].writes)]
        return [engine.cycles(problem, tiling, levels[0].order[2]), *counts]
    total = [0] * 7
    for (region,) in visits(levels[:1], whole_region(problem)):
        tile = tile_problem(problem, tuple(region[axis][1] - region[axis][0] for axis in AXES))
        inner = _literal_nest(engine, tile, clip(levels[1:], tile))
        total = [one + other for one, other in zip(total, inner, strict=True)]
    return total


@settings(max_examples=100, deadline=None)
@given(engines(), nests(products, depth=2))
def test_a_nest_is_the_sum_of_its_outer_tiles(engine, nest):
    problem, levels = nest
    cycles, *words = _literal_nest(engine, problem, levels)
    assert array_cycles(problem, levels, engine) == cycles
    found = edge_words(problem, levels, engine)
    assert [count for role in ROLES for count in (found[role].reads, found[role].writes)] == words


@settings(max_examples=100, deadline=None)
@given(engines(most_instances=1, registers=(1,)), nests(products))
def test_what_is_done_without_a_break_makes_up_cycles_and_actions(engine, nest):
    """The runs of ``innermost_tiles``: each starts its folds once; together they are the whole."""
    problem, levels = nest
    array, runs = engine.array, list(innermost_tiles(problem, levels, engine))
    assert sum(count * run.points for count, run in runs) == problem.points
    shape = (array.rows, array.columns, array.dataflow)
    cycles = sum(count * run.batch * compute_cycles(*shape, run.M, run.N, run.K) for count, run in runs)
    assert cycles == array_cycles(problem, levels, engine)
    actions = {(each.action, each.role): each.count for each in engine.actions(problem, iter(runs))}
    assert actions["mac", "compute"] == problem.points
    for role in ROLES:
        width = "sum" if role == "output" else "operand"
        reads = sum(
            count * run.batch * getattr(array_actions(*shape, run.M, run.N, run.K), role).register_reads
            for count, run in runs
        )
        assert actions[f"register_read_{width}", role] == reads


@settings(max_examples=100, deadline=None)
@given(engines(registers=(2,)), nests(products))
def test_a_second_register_saves_time_and_takes_moves(engine, nest):
    """Never slower, never faster than all PEs at work; each stationary element moves over once a fold."""
    assume(engine.array.stationary_registers == 2)
    problem, levels = nest
    alone = SystolicEngine(engine.component, engine.array.model_copy(update={"stationary_registers": 1}))
    work = -(-problem.points // engine.peak_macs)
    assert work <= array_cycles(problem, levels, engine) <= array_cycles(problem, levels, alone)
    role = "weight" if engine.array.dataflow == "weight_stationary" else "input"
    for action in ("register_read_operand", "register_write_operand"):
        both, one = (
            sum(
                each.count
                for each in which.actions(problem, innermost_tiles(problem, levels, which))
                if (each.action, each.role) == (action, role)
            )
            for which in (engine, alone)
        )
        tiles = innermost_tiles(problem, levels, engine)
        held = ("K", "N") if role == "weight" else ("M", "K")
        assert both - one == sum(
            count * tile.batch * getattr(tile, held[0]) * getattr(tile, held[1]) for count, tile in tiles
        )


@pytest.mark.parametrize("dataflow", sorted(AXES_OF))
def test_a_tile_that_goes_on_costs_its_time_steps_only(dataflow):
    array = SystolicArray(rows=4, columns=4, dataflow=dataflow, datatype="int8", accumulator="int32")
    engine = SystolicEngine(Component("array", array, 1e9), array)
    along = engine.temporal_axis
    level = Level(("M", "N", "K"), 1, *(2 if axis == along else 4 for axis in ("M", "N", "K")))
    problem = Matmul(1, 8, 8, 8)
    assert engine.tile_cycles(problem, level.tile, along, True) == fold_cycles(4, 4, dataflow, 2)
    assert engine.tile_cycles(problem, level.tile, along, False) == 2
