"""The table of all operators."""

from __future__ import annotations

from hwsim.report import units
from hwsim.report.document import Operator, Run
from hwsim.report.grid import Cell, Grid, number

_COLUMNS = (
    "Operator",
    "Kind",
    "On",
    "Start",
    "Time",
    "Bound by",
    "× lower bound",
    "Cycles",
    "Compute cycles",
    "Stall cycles",
    "Utilization",
    "MACs",
    "DRAM traffic",
    "Energy",
    "Error band",
    "Mapping",
)


def operator_grid(run: Run) -> Grid:
    """One row an operator, in order of execution."""
    return Grid("All operators in order of execution", _COLUMNS, tuple(_row(op) for op in run.ops))


def _row(op: Operator) -> tuple[Cell, ...]:
    above = units.ratio(op.latency_s, op.lower_bound_s)
    return (
        op.name,
        op.kind,
        op.component,
        number(units.seconds(op.start_s), op.start_s),
        number(units.seconds(op.latency_s), op.latency_s),
        op.bound_by,
        number(above, op.latency_s / op.lower_bound_s if above else None),
        number(units.count(op.cycles), op.cycles),
        number(units.count(op.compute_cycles), op.compute_cycles),
        number(units.count(op.stall_cycles), op.stall_cycles),
        number(units.percent(op.utilization), op.utilization),
        number(units.count(op.macs), op.macs),
        number(units.traffic(op.dram_bytes), op.dram_bytes),
        number(units.joules(op.energy_j), op.energy_j),
        op.error_band or "unvalidated",
        op.mapping,
    )
