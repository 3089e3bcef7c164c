"""Hypothesis strategies for tiny scheduling problems, and the problems of the cosma reference."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from hwsim.schedule.graph_file import read_problem
from hwsim.schedule.problem import Operator, Problem, Tensor, TensorKind

COSMA = Path(__file__).parents[2] / "hwsim/validation/data/cosma"


def cosma(name: str) -> Problem:
    """One problem of the reference."""
    return read_problem(COSMA / f"{name}.json")


@st.composite
def tiny_problems(
    draw: st.DrawFn, operators: int = 4, largest: int = 2, room: int = 1, arity: int = 2
) -> Problem:
    """A random graph whose scratchpad exceeds the largest operator by at most ``room`` units."""
    tensors: list[Tensor] = []
    made: list[Operator] = []
    sizes = st.integers(1, largest)

    def tensor(kind: TensorKind) -> str:
        tensors.append(Tensor(f"t{len(tensors)}", 16 * draw(sizes), kind))
        return tensors[-1].id

    tensor(TensorKind.INPUT)
    for number in range(draw(st.integers(2, operators))):
        readable = [t.id for t in tensors if t.kind is not TensorKind.WEIGHT]
        inputs = draw(st.lists(st.sampled_from(readable), min_size=1, max_size=arity, unique=True))
        if draw(st.integers(0, 5)) == 0:
            inputs.append(tensor(TensorKind.WEIGHT))
        kind = st.sampled_from([TensorKind.ACTIVATION] * 4 + [TensorKind.OUTPUT])
        kinds = draw(st.lists(kind, min_size=1, max_size=arity))
        made.append(Operator(f"o{number}", tuple(inputs), tuple(tensor(kind) for kind in kinds)))
    roomless = Problem(tuple(tensors), tuple(made), 1)
    least = max(roomless.working_set_bytes(operator.id) for operator in made)
    return roomless.with_scratchpad(least + 16 * draw(st.integers(0, room)))
