"""The iteration space of one Einsum in a running cascade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hwsim.einsum.interpreter.operators import Array
from hwsim.einsum.interpreter.store import Store
from hwsim.einsum.statement import Einsum


@dataclass(frozen=True)
class Point:
    """An Einsum to evaluate: at one iteration of each index in ``held``, at all coordinates of the others.

    Values are arrays with one axis for each other index, those of the output first; an axis that a value does
    not depend on has length 1.
    """

    store: Store
    einsum: Einsum
    held: Mapping[str, int]

    @cached_property
    def axes(self) -> dict[str, int]:
        """The axis of each index that runs."""
        indices = (*self.einsum.left_indices, *self.einsum.reduced)
        return {
            index: axis for axis, index in enumerate(index for index in indices if index not in self.held)
        }

    @cached_property
    def kept(self) -> int:
        """How many of the axes, the first ones, are the output's."""
        return sum(index in self.einsum.left_indices for index in self.axes)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The size of each axis."""
        return tuple(self.store.sizes[self.store.cascade.rank_of(index)] for index in self.axes)

    def coordinates(self, index: str) -> Array:
        """The values of ``index``, along its axis."""
        if index in self.held:
            return np.asarray(self.held[index])
        axis = self.axes[index]
        return np.arange(self.shape[axis]).reshape([-1 if at == axis else 1 for at in range(len(self.axes))])
