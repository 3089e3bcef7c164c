"""Interchangeable operators: found, and put in one order without losing the optimum."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from schedule.random_graphs import tiny_problems

from hwsim.schedule.indexed import index_problem
from hwsim.schedule.problem import Operator, Problem, Tensor, TensorKind
from hwsim.schedule.search import search
from hwsim.schedule.symmetry import twins, twins_in_order

FAR = 1e9


@st.composite
def doubled(draw: st.DrawFn) -> Problem:
    """A tiny problem in which one operator has a twin: all that read the one's results read the other's."""
    problem = draw(tiny_problems(operators=7, largest=5, room=2, arity=3))
    model = draw(st.sampled_from(problem.operators))
    new_name = {name: f"{name}.again" for name in model.outputs}
    weights = {t.id for t in problem.tensors if t.kind is TensorKind.WEIGHT}
    own = {name: f"{name}.again" for name in model.inputs if name in weights}
    copies = [replace(t, id=(new_name | own)[t.id]) for t in problem.tensors if t.id in new_name | own]
    twin = Operator("twin", tuple(own.get(name, name) for name in model.inputs), tuple(new_name.values()))
    reading = [
        replace(op, inputs=(*op.inputs, *(new_name[name] for name in op.inputs if name in new_name)))
        for op in problem.operators
    ]
    place = next(number for number, op in enumerate(problem.operators) if op is model)
    roomless = Problem(
        (*problem.tensors, *copies), (*reading[: place + 1], twin, *reading[place + 1 :]), problem.alignment
    )
    least = max(roomless.working_set_bytes(operator.id) for operator in roomless.operators)
    return roomless.with_scratchpad(least + 16 * draw(st.integers(0, 1)))


@settings(max_examples=60, deadline=None)
@given(doubled())
def test_the_optimum_is_that_of_all_orders(problem: Problem) -> None:
    """By the plain search, which agrees with trying every schedule (``test_solve``)."""
    indexed = index_problem(problem)
    names = [operator.id for operator in problem.operators]
    assert any("twin" in {names[place] for place in group} for group in twins(indexed))
    assert search(twins_in_order(indexed), FAR).lower_bound == search(indexed, FAR).lower_bound


def _star(sizes: tuple[int, ...], in_place: str | None = None) -> Problem:
    """Operators that read one tensor and whose results of ``sizes`` one operator reads."""
    tensors = [Tensor("x", 16, TensorKind.INPUT), Tensor("y", 16, TensorKind.OUTPUT)]
    tensors += [Tensor(f"t{number}", size, TensorKind.ACTIVATION) for number, size in enumerate(sizes)]
    arms = tuple(Operator(f"o{number}", ("x",), (f"t{number}",)) for number in range(len(sizes)))
    last = Operator("last", tuple(f"t{number}" for number in range(len(sizes))), ("y",), in_place=in_place)
    return Problem(tuple(tensors), (*arms, last), 1024)


@pytest.mark.parametrize(
    ("problem", "groups"),
    [
        (_star((16, 16, 16)), ((0, 1, 2),)),
        (_star((16, 32, 16)), ((0, 2),)),
        (_star((16, 32, 64)), ()),
        (_star((16, 16, 16), in_place="t1"), ((0, 2),)),
    ],
    ids=["alike", "two alike", "all different", "one is taken over"],
)
def test_twins(problem: Problem, groups: tuple[tuple[int, ...], ...]) -> None:
    indexed = index_problem(problem)
    assert twins(indexed) == groups
    ordered = twins_in_order(indexed)
    for group in groups:
        for earlier, later in pairwise(group):
            assert ordered.ancestors[later] >> earlier & 1
    assert (ordered is indexed) == (not groups)
