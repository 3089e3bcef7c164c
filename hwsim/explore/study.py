"""A study as a user writes it: machines, workloads, mappings, what varies, what is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from hwsim.spec.model import Spec, fault

Scalar = bool | int | float | str
AxisValue = Scalar | list[Scalar] | None


class Axis(Spec):
    """The values of one attribute: a list, or a range ``from`` .. ``to``, perhaps only ``when`` something
    holds.
    """

    values: list[AxisValue] | None = Field(default=None, min_length=1)
    """The values, one by one."""
    start: Scalar | None = Field(default=None, alias="from")
    """The first value of a range, with its unit."""
    to: Scalar | None = None
    """The last value of a range, with a unit of the same kind; met if a step falls on it."""
    step: Scalar | None = None
    """Distance of neighbours."""
    factor: PositiveFloat | None = None
    """Ratio of neighbours, above 1: a logarithmic range."""
    steps: PositiveInt | None = None
    """How many values, both ends included."""
    scale: Literal["linear", "log"] = "linear"
    """How ``steps`` are spread."""
    when: str | None = None
    """A condition on the other settings; where it fails the attribute keeps the value of the machine."""

    @model_validator(mode="after")
    def _one_way(self) -> Axis:
        if self.values is not None:
            if self.start is not None or self.to is not None:
                raise fault("give either values or a range from .. to, not both", at=("values",))
            return self
        if self.start is None or self.to is None:
            raise fault("give values, or a range with from and to")
        if sum(each is not None for each in (self.step, self.factor, self.steps)) != 1:
            raise fault("a range has one of step, factor and steps", "such as factor: 2")
        if self.factor is not None and self.factor <= 1:
            raise fault("must be above 1", at=("factor",))
        return self


class Linked(Spec):
    """An attribute that follows from others."""

    formula: str
    """Over the names of other settings, such as ``4 * array.columns``."""
    unit: str
    """Unit of the result, such as KiB."""


class StudyFile(Spec):
    """A file of ``arch_configs/studies/``: which designs to try, and what to ask of them."""

    name: str = Field(min_length=1, max_length=80)
    """The study's name."""
    description: str = ""
    """The question it answers, in a sentence."""
    source: str | None = None
    """Where the question or the values come from."""
    machines: list[str] = Field(min_length=1)
    """Machines: files or names from the library."""
    workloads: list[str] = Field(min_length=1)
    """Workloads: files or names from the library."""
    mappings: list[str] = Field(default_factory=lambda: ["auto"], min_length=1)
    """Mappings: files or names from the library."""
    fidelity: Literal["bound", "analytical", "event"] = "analytical"
    """How closely each point is modelled."""
    settings: dict[str, AxisValue] = Field(default_factory=dict)
    """Attributes that are the same in all points."""
    vary: dict[str, list[AxisValue] | Axis] = Field(default_factory=dict)
    """What varies: a list of values or a range, by dotted attribute (``buffer.capacity``,
    ``workload.sequence``)."""
    link: dict[str, str | Linked] = Field(default_factory=dict)
    """Attributes that follow from others, by a formula."""
    where: list[str] = Field(default_factory=list)
    """Conditions on the settings; points that break one are left out."""
    constraints: list[str] = Field(default_factory=list)
    """Conditions on the metrics, such as ``area_mm2 < 50``; points that break one are infeasible."""
    objectives: list[str] = Field(default_factory=lambda: ["latency_s"], min_length=1)
    """What to make small, or large where it is a utilization (``-`` before the name turns it round)."""
    metrics: list[str] = Field(default_factory=lambda: ["latency_s", "energy_j", "area_mm2"], min_length=1)
    """What tables and figures show first; everything is stored."""
    seed: int = 0
    """Seed of whatever is random (search)."""


def folder_name(study: StudyFile) -> Path:
    """The folder in which a study's results go where none is named."""
    return Path("runs") / "".join(
        letter if letter.isalnum() or letter in "-_" else "_" for letter in study.name
    )
