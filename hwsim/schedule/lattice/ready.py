"""Getting the compiled code of the lattice ready: loaded where it was compiled before, else compiled."""

from __future__ import annotations

import time
from functools import cache
from math import inf

from hwsim.schedule.greedy import greedy
from hwsim.schedule.indexed import index_problem
from hwsim.schedule.lattice.search import lattice_search
from hwsim.schedule.plan import plan_cost
from hwsim.schedule.problem import Operator, Problem, Tensor, TensorKind

_BRANCHES, _LENGTH = "ab", 3


def seconds_to_be_ready() -> float:
    """What it took just now; nothing after the first time."""
    started = time.monotonic()
    _ready()
    return time.monotonic() - started


@cache
def _ready() -> None:
    """Solve a small problem that needs every kernel there is."""
    indexed = index_problem(_small())
    plan = greedy(indexed).plan
    lattice_search(indexed, inf, plan_cost(indexed, plan), plan)


def _small() -> Problem:
    """Two branches from one input, joined twice: more than the scratchpad holds at once."""
    tensors = [Tensor("x", 2, TensorKind.INPUT)]
    operators = []
    for branch in _BRANCHES:
        before = "x"
        for place in range(_LENGTH):
            name = f"{branch}{place}"
            tensors.append(Tensor(name, 2 + place, TensorKind.ACTIVATION))
            operators.append(Operator(name, tuple(dict.fromkeys((before, "x"))), (name,)))
            before = name
    for name, place in (("y", _LENGTH - 1), ("z", 0)):
        tensors.append(Tensor(name, 2, TensorKind.OUTPUT))
        operators.append(Operator(name, tuple(f"{branch}{place}" for branch in _BRANCHES), (name,)))
    return Problem(tuple(tensors), tuple(operators), scratchpad_bytes=10)
