"""Models as the rooms above write them, for the tests of this one."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Literal

import pytest
from pydantic import Field, model_validator

from hwsim.spec.model import Spec, fault
from hwsim.spec.quantity import Bandwidth, Energy, Frequency, Size

CHIP = """\
name: x
clock: 700 MHz
shape: [2, 3]
dtype: bf16
scale: 2
parts:
  - class: systolic_array
    rows: {value: 3, source: me}
    cols: 4
    dataflow: output_stationary
  - class: sram
    capacity: 24 MiB
    bandwidth: 34 GB/s
    energy: 0.2 pJ
buffers: {a: 3 kB}
"""


class Dataflow(Enum):
    """Which operand stays."""

    WEIGHT = "weight_stationary"
    OUTPUT = "output_stationary"


class Array(Spec):
    """A grid of processing elements."""

    class_: Literal["systolic_array"] = Field(alias="class")
    rows: Annotated[int, Field(gt=0)]
    """Rows of processing elements."""
    cols: Annotated[int, Field(gt=0)]
    """Columns of processing elements."""
    dataflow: Dataflow = Dataflow.WEIGHT
    """Which operand stays in the array."""


class Sram(Spec):
    """A memory on the chip."""

    class_: Literal["sram"] = Field(alias="class")
    capacity: Size
    """Bytes it holds."""
    bandwidth: Bandwidth | None = None
    """Bytes it delivers."""
    energy: Energy = 0.0
    """Energy of one read."""
    double_buffered: bool = False
    """Whether half is filled while half is read."""


Part = Annotated[Array | Sram, Field(discriminator="class_")]


class Chip(Spec):
    """A whole chip."""

    name: str
    clock: Frequency
    """Clock of the whole chip."""
    shape: tuple[int, int] = (1, 1)
    scale: float = 1.0
    dtype: Literal["int8", "bf16"] = "int8"
    parts: tuple[Part, ...] = ()
    buffers: dict[str, Size] = Field(default_factory=dict)
    width: int | Literal["auto"] = "auto"
    inner: Chip | None = None

    @model_validator(mode="after")
    def _shape_is_filled(self) -> Chip:
        if self.shape[0] == 13:
            raise fault("the first side must not be 13 {really}", "take 12", at=("shape", 0))
        if self.shape[0] == 14:
            raise ValueError("fourteen of something")
        return self


@pytest.fixture(scope="session")
def chip():
    """The model of a chip: tagged parts, quantities, an enumeration, a union, itself within itself."""
    return Chip


@pytest.fixture(scope="session")
def chip_yaml():
    """A chip with nothing wrong, fifteen lines."""
    return CHIP
