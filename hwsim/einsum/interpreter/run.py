"""Running a cascade on arrays: what is analysed is what computes.

The right side of an Einsum is evaluated at every point of its iteration space; indices that only the right
has are then summed, innermost, or combined by the head. So ``Y[n] = B[n] + X[k] * W[k,n]`` adds B once for
every k. Outside its tensor a window or a shifted coordinate reads 0; a data-dependent one is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.interpreter.evaluate import evaluate
from hwsim.einsum.interpreter.extents import infer_sizes
from hwsim.einsum.interpreter.operators import Array
from hwsim.einsum.interpreter.point import Point
from hwsim.einsum.interpreter.store import Store
from hwsim.einsum.walk import Step, Walk, plan_steps, walk_index


def run_cascade(
    cascade: Cascade, inputs: Mapping[str, npt.ArrayLike], sizes: Mapping[str, int] | None = None
) -> dict[str, Array]:
    """Every tensor that the cascade produces.

    Args:
        cascade: what to run.
        inputs: an array for each input, one dimension a rank.
        sizes: sizes of ranks that no input has, or that differ from an input's extent (see ``extents``).

    Returns:
        Arrays by tensor name. A state has one coordinate more than its rank, the first its initial value.

    Raises:
        InputError: inputs and ranks do not fit, a gather leaves its tensor, or an operator cannot be run.
    """
    arrays = {name: np.asarray(values) for name, values in inputs.items()}
    shapes = {name: array.shape for name, array in arrays.items()}
    store = Store(cascade, infer_sizes(cascade, shapes, sizes or {}), arrays)
    with np.errstate(all="ignore"):
        _Runner(cascade, store).run(plan_steps(cascade))
    return {tensor: store.array(tensor) for tensor in cascade.producers}


@dataclass(frozen=True, slots=True)
class _Runner:
    """``at`` holds the iteration of each rank that is being walked."""

    cascade: Cascade
    store: Store
    at: Mapping[str, int] = field(default_factory=dict)

    def run(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if isinstance(step, Walk):
                for iteration in range(self.store.sizes[step.rank]):
                    _Runner(self.cascade, self.store, {**self.at, step.rank: iteration}).run(step.body)
            else:
                self.compute(step)

    def compute(self, position: int) -> None:
        einsum = self.cascade.einsums[position]
        fixed = {walk_index(self.cascade, position, rank): iteration for rank, iteration in self.at.items()}
        held = {index: iteration for index, iteration in fixed.items() if index is not None}
        point = Point(self.store, einsum, held)
        self.store.write(einsum.output, held, evaluate(point))
