"""The arrays of a running cascade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.interpreter.operators import Array
from hwsim.einsum.terms import Access, Fixed, Index, Shifted
from hwsim.spec.errors import InputError


@dataclass(slots=True)
class Store:
    """Inputs and what was produced; a tensor written at ``index + n`` reaches over its rank by ``n``."""

    cascade: Cascade
    sizes: Mapping[str, int]
    arrays: dict[str, Array]

    def array(self, tensor: str) -> Array:
        """All of ``tensor``."""
        return self.arrays[tensor]

    def read(self, tensor: str, coords: Sequence[Array]) -> Array:
        """The elements at ``coords``, whole numbers that broadcast together; 0 outside the tensor."""
        array = self._existing(tensor)
        inside: Array = np.asarray(True)
        clipped = []
        for coord, origin, extent in zip(coords, self._origins(tensor), array.shape, strict=True):
            shifted = coord - origin
            inside = inside & (shifted >= 0) & (shifted < extent)
            clipped.append(np.clip(shifted, 0, extent - 1))
        values = array[tuple(clipped)]
        return values if np.all(inside) else np.where(inside, values, np.zeros((), array.dtype))

    def last(self, tensor: str, number: int) -> int:
        """The last coordinate that the walk along ``number`` writes; of an input, the last there is."""
        rank = self.cascade.tensor_ranks[tensor][number]
        producer = self.cascade.producers.get(tensor)
        shift = 0 if producer is None else _shift(self.cascade.einsums[producer].output.coords[number])
        return self.sizes[rank] - 1 + shift

    def bounds(self, tensor: str, number: int) -> tuple[int, int]:
        """The first coordinate of ``tensor`` along coordinate ``number`` and the one behind the last."""
        origin = self._origins(tensor)[number]
        return origin, origin + self._existing(tensor).shape[number]

    def write(self, output: Access, held: Mapping[str, int], values: Array) -> None:
        """Put ``values`` at ``output``, at the iteration ``held`` of the indices that are walked."""
        tensor = output.tensor
        array = self._existing(tensor, values.dtype)
        if not np.can_cast(values.dtype, array.dtype, "safe"):
            array = self.arrays[tensor] = array.astype(np.result_type(array.dtype, values.dtype))
        where: list[int | slice] = []
        for number, (coord, origin) in enumerate(zip(output.coords, self._origins(tensor), strict=True)):
            match coord:
                case Fixed(value):
                    where.append(self._inside(output, number, value) - origin)
                case Index(index) | Shifted(index, _) if index in held:
                    where.append(held[index] + _shift(coord) - origin)
                case _:
                    first = _shift(coord) - origin
                    where.append(slice(first, first + self.sizes[self.cascade.coord_rank(coord) or ""]))
        array[tuple(where)] = values

    def _inside(self, output: Access, number: int, value: int) -> int:
        first, end = self.bounds(output.tensor, number)
        if not first <= value < end:
            message = f"shape mismatch: coordinate {value} of {output.tensor} is outside {first} to {end - 1}"
            raise InputError(message)
        return value

    def _existing(self, tensor: str, dtype: npt.DTypeLike = np.float64) -> Array:
        """The array of ``tensor``, made of zeros when it is first needed."""
        if tensor not in self.arrays:
            reach = zip(self.cascade.tensor_ranks[tensor], self._shifts(tensor), strict=True)
            shape = tuple(self.sizes[rank] + max(shifts) - min(shifts) for rank, shifts in reach)
            self.arrays[tensor] = np.zeros(shape, dtype)
        return self.arrays[tensor]

    def _origins(self, tensor: str) -> tuple[int, ...]:
        return tuple(min(shifts) for shifts in self._shifts(tensor))

    def _shifts(self, tensor: str) -> list[list[int]]:
        """By how much those who write ``tensor`` shift each coordinate."""
        writers = [self.cascade.einsums[writer].output for writer in self.cascade.writers.get(tensor, ())]
        numbers = range(len(self.cascade.tensor_ranks[tensor]))
        return [[0, *(_shift(writer.coords[number]) for writer in writers)] for number in numbers]


def _shift(coord: object) -> int:
    return coord.offset if isinstance(coord, Shifted) else 0
