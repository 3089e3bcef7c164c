"""Tensors: what operators read and write."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from hwsim.spec.errors import InputError, did_you_mean

TensorKind = Literal["input", "weight", "activation", "output", "state"]
"""``state`` outlives the run (a key-value cache, a recurrent state): it is in DRAM before and after."""

DATATYPE_BITS: dict[str, int] = {
    "bool": 1,
    "int4": 4,
    "int8": 8,
    "uint8": 8,
    "fp8": 8,
    "int16": 16,
    "fp16": 16,
    "bf16": 16,
    "int32": 32,
    "fp32": 32,
    "int64": 64,
    "fp64": 64,
}
"""Bits of one element, by the name of its datatype."""


def bits_of(datatype: str) -> int:
    """Bits of one element of ``datatype``.

    Raises:
        InputError: no such datatype.
    """
    if datatype not in DATATYPE_BITS:
        raise InputError(f"unknown datatype {datatype!r}", hint=did_you_mean(datatype, DATATYPE_BITS))
    return DATATYPE_BITS[datatype]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named array of ``shape`` elements.

    ``datatype`` is None where the machine chooses (quantised inference on an int8 array, say);
    ``density`` is the fraction of elements that are not zero.
    """

    name: str
    shape: tuple[int, ...]
    kind: TensorKind
    datatype: str | None = None
    density: float = 1.0

    @property
    def elements(self) -> int:
        """How many elements, zeros included."""
        return math.prod(self.shape)

    @property
    def bits(self) -> int:
        """Bits of one element; needs a datatype."""
        if self.datatype is None:
            raise ValueError(f"tensor {self.name} has no datatype yet: see Workload.with_datatype")
        return DATATYPE_BITS[self.datatype]

    @property
    def bytes(self) -> int:
        """Bytes of the whole tensor, densely packed, rounded up."""
        return -(-self.elements * self.bits // 8)

    def with_datatype(self, datatype: str) -> Tensor:
        """The tensor in ``datatype`` if it had none."""
        return self if self.datatype else Tensor(self.name, self.shape, self.kind, datatype, self.density)
