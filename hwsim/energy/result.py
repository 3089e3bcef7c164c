"""The answer: an execution priced, as tables, JSON and a picture in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hwsim import __version__
from hwsim.arch.component import Component
from hwsim.arch.machine import Arch
from hwsim.arch.memory import Dram, Memory
from hwsim.energy.attention import attention_data
from hwsim.energy.price import PricedComponent, Prices
from hwsim.engines.gpu.processor import KernelProcessor
from hwsim.mapping.plan import Plan
from hwsim.mapping.protocol import MatrixAttributes
from hwsim.simulation.execution import Execution, OperatorRun
from hwsim.spec.library import shown
from hwsim.workload.workload import Workload

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
SQUARE_MM = 1e-6


@dataclass(frozen=True)
class Result:
    """Latency in seconds, energy in joules, area in square millimetres, and everything behind them.

    ``bands`` says for each operator how far its model was from the references.
    """

    arch: Arch
    workload: Workload
    plan: Plan
    execution: Execution
    prices: Prices
    bands: Mapping[str, str]

    @property
    def latency_s(self) -> float:
        """Seconds of the whole run."""
        return self.execution.cycles / self.arch.clock

    @property
    def energy_j(self) -> float:
        """Joules: every action count times its energy, and leakage times time."""
        return self.prices.dynamic_energy + self.prices.leakage_energy

    @property
    def area_mm2(self) -> float | None:
        """Square millimetres of all components with a known area."""
        return None if self.prices.area is None else self.prices.area / SQUARE_MM

    @property
    def utilization(self) -> float:
        """Multiply-accumulates done over those the machine's matrix engines could do in the time, 0..1."""
        possible = self.peak_macs_per_s * self.latency_s
        return self.macs / possible if possible else 0.0

    @property
    def peak_macs_per_s(self) -> float:
        """Multiply-accumulates a second of all the machine's matrix engines."""
        return peak_macs_per_s(self.arch, self.plan.datatype)

    @property
    def outer_bytes_per_s(self) -> float | None:
        """Bytes a second that the outermost memory delivers, its efficiency included; None: no limit."""
        return outer_bytes_per_s(self.arch.root)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the workload."""
        return sum(run.macs for run in self.execution.operators)

    @property
    def dram_bytes(self) -> int:
        """Bytes over the boundary of the outermost memory."""
        return sum(run.dram_bytes for run in self.execution.operators)

    @cached_property
    def ops(self) -> pd.DataFrame:
        """One row an operator, the columns of the JSON contract."""
        return self._frame("ops", drop=("actions", "traffic", "stalls"))

    @cached_property
    def actions(self) -> pd.DataFrame:
        """Action counts by component, action and tensor role, with energy and source."""
        return self._frame("actions")

    @cached_property
    def components(self) -> pd.DataFrame:
        """One row a component: energy, area, leakage, busy cycles."""
        return self._frame("components")

    @cached_property
    def json(self) -> dict[str, Any]:
        """The result as the ``run`` contract has it."""
        return {
            **self._identity(),
            **self._totals(),
            **self._tables(),
            **self._search(),
            **self.execution.tables,
        }

    def _search(self) -> dict[str, Any]:
        """How loop nests were chosen for an objective, where they were."""
        if not self.plan.searched:
            return {}
        from dataclasses import asdict

        points = [{"latency_s": seconds, "energy_j": joules} for seconds, joules in self.plan.frontier]
        return {"searched": [asdict(each) for each in self.plan.searched], "frontier": points}

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{key}</th><td>{value}</td></tr>" for key, value in self._totals().items())
        return f"<table><caption>{self.workload.name} on {self.arch.name}</caption>{rows}</table>"

    def _frame(self, table: str, drop: tuple[str, ...] = ()) -> pd.DataFrame:
        import pandas as pd

        rows = [{key: value for key, value in row.items() if key not in drop} for row in self.json[table]]
        return pd.DataFrame(rows)

    def _identity(self) -> dict[str, Any]:
        arch, workload = self.arch, self.workload
        return {
            "hwsim": __version__,
            "schema": SCHEMA,
            "inputs": {
                "arch": {"name": arch.name, "file": shown(arch.file), "hash": arch.content_hash},
                "workload": {"name": workload.name, "hash": workload.content_hash},
                "mapping": {"name": self.plan.mapping},
            },
            "fidelity": self.execution.fidelity,
            "arch": arch.name,
            "workload": workload.name,
            "parameters": dict(workload.parameters),
            "technology": arch.technology,
            "datatype": self.plan.datatype,
            "clock_hz": arch.clock,
            "notes": list(self.plan.notes),
        }

    def _totals(self) -> dict[str, Any]:
        bounds = [
            {"resource": bound.resource, "latency_s": bound.cycles / self.arch.clock}
            for bound in self.execution.bounds
        ]
        return {
            "latency_s": self.latency_s,
            "cycles": self.execution.cycles,
            "energy_j": self.energy_j,
            "dynamic_energy_j": self.prices.dynamic_energy,
            "leakage_energy_j": self.prices.leakage_energy,
            "area_mm2": self.area_mm2,
            "power_w": self.energy_j / self.latency_s if self.latency_s else 0.0,
            "utilization": self.utilization,
            "macs": self.macs,
            "dram_bytes": self.dram_bytes,
            "lower_bound": {
                "latency_s": self.execution.lower_bound_cycles / self.arch.clock,
                "dram_bytes": self.execution.compulsory_dram_bytes,
                "bounds": bounds,
            },
        }

    def _tables(self) -> dict[str, Any]:
        busy = dict(self.execution.busy)
        return {
            "ops": [self._op(run) for run in self.execution.operators],
            "actions": self._actions(),
            "components": [self._component(part, busy) for part in self.prices.components],
            "constants": _constants(self.arch),
            "attention": attention_data(self.arch, self.workload, self.plan, self.execution),
        }

    def _op(self, run: OperatorRun) -> dict[str, Any]:
        clock = self.arch.clock
        actions = [
            {
                "component": action.component,
                "action": action.action,
                "tensor": action.tensor,
                "count": action.count,
                "energy_j": self.prices.energy(action),
            }
            for action in run.actions
        ]
        peak = run.peak_macs * run.cycles * self._engine_cycles_per_cycle(run.component)
        return {
            "name": run.name,
            "kind": run.kind,
            "component": run.component,
            "step": run.step,
            "start_s": run.start / clock,
            "latency_s": run.cycles / clock,
            "cycles": run.cycles,
            "compute_cycles": run.compute_cycles,
            "stall_cycles": run.cycles - run.compute_cycles,
            "stalls": {cause: getattr(run.stalls, cause) for cause in run.stalls.__slots__},
            "bound_by": run.bound_by,
            "lower_bound_cycles": run.lower_bound_cycles,
            "utilization": run.macs / peak if peak else 0.0,
            "macs": run.macs,
            "dram_bytes": run.dram_bytes,
            "traffic": dict(run.traffic),
            "energy_j": sum(action["energy_j"] for action in actions),
            "error_band": self.bands[run.name],
            "mapping": run.mapping,
            "actions": actions,
        }

    def _engine_cycles_per_cycle(self, component: str) -> float:
        return self.arch.find(component).clock / self.arch.clock

    def _actions(self) -> list[dict[str, Any]]:
        counts: dict[tuple[str, str, str], int] = {}
        for run in self.execution.operators:
            for action in run.actions:
                key = (action.component, action.action, action.tensor)
                counts[key] = counts.get(key, 0) + action.count
        return [self._action(key, count) for key, count in counts.items()]

    def _action(self, key: tuple[str, str, str], count: int) -> dict[str, Any]:
        component, action, tensor = key
        price = self.prices.actions[component, action]
        return {
            "component": component,
            "action": action,
            "tensor": tensor,
            "count": count,
            "energy_per_action_j": price.value,
            "energy_j": count * price.value,
            "source": price.source + (" (extrapolated)" if price.extrapolated else ""),
        }

    def _component(self, part: PricedComponent, busy: Mapping[str, float]) -> dict[str, Any]:
        component, cycles = part.component, busy.get(part.component.name, 0)
        parents = [each.name for each in self.arch.path_to(component.name)[:-1]]
        return {
            "name": component.name,
            "class": component.class_name,
            "parent": parents[-1] if parents else None,
            "instances": component.instances,
            "clock_hz": component.clock,
            "area_mm2": part.area.value / SQUARE_MM if part.area else None,
            "area_source": part.area.source if part.area else None,
            "leakage_w": part.leakage.value if part.leakage else None,
            "leakage_source": part.leakage.source if part.leakage else None,
            "energy_j": part.dynamic_energy + part.leakage_energy,
            "dynamic_energy_j": part.dynamic_energy,
            "leakage_energy_j": part.leakage_energy,
            "busy_cycles": cycles,
            "utilization": cycles / self.execution.cycles if self.execution.cycles else 0.0,
            **_limits(component, self.plan.datatype),
        }


def _limits(component: Component, datatype: str) -> dict[str, Any]:
    memory = component.attributes
    if not isinstance(memory, Memory):
        return {
            "capacity_bytes": None,
            "bandwidth_bytes_per_s": None,
            "peak_macs_per_s": _peak_macs(component, datatype),
        }
    rate = outer_bytes_per_s(component)
    return {"capacity_bytes": memory.capacity, "bandwidth_bytes_per_s": rate, "peak_macs_per_s": None}


def peak_macs_per_s(arch: Arch, datatype: str) -> float:
    """Multiply-accumulates a second of all matrix engines of a machine."""
    peaks = (_peak_macs(part, datatype) for part in arch.walk())
    return sum(each for each in peaks if each)


def outer_bytes_per_s(component: Component) -> float | None:
    """Bytes a second that a memory delivers, its efficiency included; None without a limit or for others."""
    memory = component.attributes
    if not isinstance(memory, Memory) or memory.bandwidth is None:
        return None
    efficiency = memory.efficiency if isinstance(memory, Dram) else 1.0
    return memory.bandwidth.per_second(component.clock) * efficiency * component.instances


def _peak_macs(component: Component, datatype: str) -> float | None:
    attributes = component.attributes
    if isinstance(attributes, KernelProcessor):
        return component.instances * attributes.peak_macs_per_s(component.clock, datatype)
    if not isinstance(attributes, MatrixAttributes):
        return None
    return attributes.engine(component).peak_macs * component.clock


def _constants(arch: Arch) -> list[dict[str, Any]]:
    """Every described attribute with its value and source."""
    rows = []
    for component in arch.walk():
        described = component.attributes.model_dump(mode="json", exclude_unset=True)
        for key, value in described.items():
            if key not in ("class_", "fanout", "components", "source"):
                rows.append(
                    {"name": f"{component.name}.{key}", "value": value, "source": component.source_of(key)}
                )
    return rows
