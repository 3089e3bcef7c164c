"""The result document as the report reads it: what ``hwsim run --json`` wrote, checked and frozen.

Keys that are not listed here are ignored, so a report can be made of results that know more than it shows.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, ValidationError

from hwsim.report.attention_document import FusedAttention
from hwsim.report.parts import Count, Fraction, Number, Part, Scalar
from hwsim.report.serving_document import Serving
from hwsim.report.spiking_document import Spiking
from hwsim.spec.errors import InputError


class Input(Part):
    """An input of the run: the name the user gave, the file behind it and the hash of its content."""

    name: str
    file: str | None = None
    hash: str | None = None


class Action(Part):
    """How often one operator made a component act on a tensor (``count``), and the energy of it in joules."""

    component: str
    action: str
    tensor: str | None = None
    count: Count
    energy_j: Number


class ActionTotal(Action):
    """The same over the whole run, with the energy of one action and where that figure comes from."""

    energy_per_action_j: Number | None = None
    source: str | None = None


class Operator(Part):
    """One operator: where and when it ran, what bounded it, what it cost."""

    name: str
    kind: str
    component: str
    step: int = 0
    start_s: Number
    latency_s: Number
    cycles: Count
    compute_cycles: Count
    stall_cycles: Count
    stalls: dict[str, Count] = Field(default_factory=dict)
    bound_by: str
    lower_bound_cycles: Count
    utilization: Fraction
    macs: Count
    dram_bytes: Count
    traffic: dict[str, Count] = Field(default_factory=dict)
    energy_j: Number
    error_band: str | None = None
    mapping: str | None = None
    actions: Annotated[tuple[Action, ...], Field(strict=False)] = ()

    @property
    def end_s(self) -> float:
        """When the operator was finished."""
        return self.start_s + self.latency_s

    @property
    def lower_bound_s(self) -> float:
        """The lower bound of the latency: the latency times the bound's share of the cycles."""
        return self.latency_s * self.lower_bound_cycles / self.cycles if self.cycles else 0.0


class Component(Part):
    """One component of the machine; what it does not have (an area of unknown size, a capacity) is None."""

    name: str
    class_: str | None = Field(default=None, alias="class")
    parent: str | None = None
    instances: Count = 1
    clock_hz: Number | None = None
    area_mm2: Number | None = None
    area_source: str | None = None
    leakage_w: Number | None = None
    leakage_source: str | None = None
    energy_j: Number | None = None
    dynamic_energy_j: Number | None = None
    leakage_energy_j: Number | None = None
    busy_cycles: Count | None = None
    utilization: Fraction | None = None
    capacity_bytes: Count | None = None
    bandwidth_bytes_per_s: Number | None = None
    peak_macs_per_s: Number | None = None


class ResourceBound(Part):
    """The least time one resource needs for its part of the workload."""

    resource: str
    latency_s: Number


class LowerBound(Part):
    """What no plan on this machine can beat."""

    latency_s: Number
    dram_bytes: Count
    bounds: Annotated[tuple[ResourceBound, ...], Field(strict=False)] = ()


class Constant(Part):
    """A described attribute (``mxu.rows``) and where its value comes from."""

    name: str
    value: Scalar | list[Any] | dict[str, Any] = None
    source: str | None = None


class Run(Part):
    """One simulated run."""

    hwsim: str
    schema_: int = Field(alias="schema")
    inputs: dict[str, Input | None]
    fidelity: str
    arch: str
    workload: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    technology: str | None = None
    datatype: str | None = None
    clock_hz: Number | None = None
    latency_s: Number
    cycles: Count
    energy_j: Number
    dynamic_energy_j: Number
    leakage_energy_j: Number
    area_mm2: Number | None = None
    power_w: Number
    utilization: Fraction
    macs: Count
    dram_bytes: Count
    lower_bound: LowerBound
    notes: Annotated[tuple[str, ...], Field(strict=False)] = ()
    ops: Annotated[tuple[Operator, ...], Field(strict=False)]
    actions: Annotated[tuple[ActionTotal, ...], Field(strict=False)]
    components: Annotated[tuple[Component, ...], Field(strict=False)]
    constants: Annotated[tuple[Constant, ...], Field(strict=False)] = ()
    attention: Annotated[tuple[FusedAttention, ...], Field(strict=False)] = ()
    spiking: Spiking | None = None
    serving: Serving | None = None

    @cached_property
    def sharing(self) -> dict[str, dict[str, float]]:
        """How long each component works during a fused attention, 0 to 1, by its first operator."""
        return {
            name: {part.component: part.utilization for part in each.arrays}
            for each in self.attention
            for name in each.operators
        }

    @property
    def longest_attention(self) -> FusedAttention | None:
        """The kind of fused attention that most of the time goes to, if there is any."""
        return max(self.attention, key=lambda each: each.cycles * len(each.operators), default=None)

    @property
    def title(self) -> str:
        """Workload and machine in four words."""
        return f"{self.workload} on {self.arch}"


class NotAResultError(InputError):
    """The document is not a result; ``path`` leads to the value at fault."""

    def __init__(self, message: str, path: tuple[str | int, ...]) -> None:
        self.path = path
        super().__init__(message, hint="write one with: hwsim run --json result.json")


def as_run(result: dict[str, Any]) -> Run:
    """The checked form of a result document.

    Raises:
        NotAResultError: a key is missing or has a value of the wrong kind; names the first such place.
    """
    try:
        return Run.model_validate(result)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = tuple(first["loc"])
        where = ".".join(str(key) for key in path) or "the document"
        raise NotAResultError(f"this is not an hwsim result: {where}: {_reason(first)}", path) from None


def _reason(error: Any) -> str:
    return "is missing" if error["type"] == "missing" else str(error["msg"]).lower()
