"""The metrics of a point: what a result says in one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hwsim.energy.result import Result

COLUMNS = (
    "latency_s",
    "energy_j",
    "area_mm2",
    "power_w",
    "edp_js",
    "cycles",
    "dynamic_energy_j",
    "leakage_energy_j",
    "utilization",
    "macs",
    "dram_bytes",
    "lower_bound_latency_s",
    "lower_bound_dram_bytes",
    "peak_macs_per_s",
    "dram_bytes_per_s",
)
"""The metrics that are numbers, in the order of tables."""
NUMERIC = frozenset(COLUMNS)
LARGER_IS_BETTER = frozenset({"utilization", "peak_macs_per_s", "dram_bytes_per_s"})
DETAILS = ("bound_by", "time_by_bound", "energy_by_component", "area_by_component")
"""What else is kept of a point: the main limit, and seconds, joules and square millimetres by their cause."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a point: its ``metrics`` and ``details``, or the ``message`` of what failed."""

    status: str
    message: str
    metrics: Mapping[str, float | int | None]
    details: Mapping[str, Any]


def failed(message: str) -> Outcome:
    """A point that could not be computed; that is an answer, too."""
    return Outcome("failed", message, {}, {})


def outcome_of(result: Result) -> Outcome:
    """A result in one row."""
    clock, execution, prices = result.arch.clock, result.execution, result.prices
    area = {part.component.name: part.area.value / 1e-6 for part in prices.components if part.area}
    energy = {part.component.name: part.dynamic_energy + part.leakage_energy for part in prices.components}
    bound: dict[str, float] = {}
    for run in execution.operators:
        if run.cycles:
            bound[run.bound_by] = bound.get(run.bound_by, 0) + run.cycles
    return answered(
        latency_s=result.latency_s,
        cycles=execution.cycles,
        dynamic_energy_j=prices.dynamic_energy,
        leakage_energy_j=prices.leakage_energy,
        area_mm2=result.area_mm2,
        utilization=result.utilization,
        macs=result.macs,
        dram_bytes=result.dram_bytes,
        lower_bound_latency_s=execution.lower_bound_cycles / clock,
        lower_bound_dram_bytes=execution.compulsory_dram_bytes,
        peak_macs_per_s=result.peak_macs_per_s,
        dram_bytes_per_s=result.outer_bytes_per_s,
        time_by_bound={name: cycles / clock for name, cycles in bound.items()},
        energy_by_component=energy,
        area_by_component=area,
    )


def answered(
    *,
    latency_s: float,
    dynamic_energy_j: float,
    leakage_energy_j: float,
    time_by_bound: Mapping[str, float],
    energy_by_component: Mapping[str, float],
    area_by_component: Mapping[str, float],
    **plain: float | int | None,
) -> Outcome:
    """The outcome of these metrics, those that follow from them added."""
    energy_j = dynamic_energy_j + leakage_energy_j
    own = {
        "latency_s": latency_s,
        "energy_j": energy_j,
        "power_w": energy_j / latency_s if latency_s else 0.0,
        "edp_js": energy_j * latency_s,
        "dynamic_energy_j": dynamic_energy_j,
        "leakage_energy_j": leakage_energy_j,
        **plain,
    }
    details = {
        "bound_by": max(time_by_bound, key=lambda name: time_by_bound[name], default=""),
        "time_by_bound": dict(time_by_bound),
        "energy_by_component": dict(energy_by_component),
        "area_by_component": dict(area_by_component),
    }
    return Outcome("done", "", {name: own[name] for name in COLUMNS}, details)
