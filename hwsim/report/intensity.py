"""Operational intensity: what each operator computes per byte of each memory, and the ceilings above it."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.report.document import Component, Run
from hwsim.report.grouping import alike, steps
from hwsim.report.groups import Group


@dataclass(frozen=True, slots=True)
class Point:
    """Operators of equal cost seen from one memory: MACs a byte of it, MACs a second, time of all of them."""

    label: str
    memory: str
    macs_per_byte: float
    macs_per_s: float
    latency_s: float
    bound_by: str


@dataclass(frozen=True, slots=True)
class Roof:
    """The memories and compute components that limit operators with MACs."""

    memories: tuple[Component, ...]
    computes: tuple[Component, ...]

    @property
    def peak(self) -> float:
        """MACs a second of the fastest compute component; 0 where none states it."""
        return max((unit.peak_macs_per_s or 0.0 for unit in self.computes), default=0.0)

    @property
    def ridges(self) -> list[float]:
        """For each memory, the MACs per byte from which on compute is the limit."""
        return [self.peak / (one.bandwidth_bytes_per_s or 1.0) for one in self.memories if self.peak]


def roof(run: Run) -> Roof:
    """The ceilings of the run: memories in use whose bandwidth is known, compute components in use."""
    moved = {name for op in run.ops for name, amount in op.traffic.items() if amount and op.macs}
    memories = (one for one in run.components if one.name in moved and one.bandwidth_bytes_per_s)
    used = {op.component for op in run.ops if op.macs}
    computing = [one for one in run.components if one.peak_macs_per_s]
    return Roof(tuple(memories), tuple([one for one in computing if one.name in used] or computing))


def points(run: Run, most: int) -> list[Point]:
    """A point for each memory and each of the ``most`` longest-running groups of equal operators.

    Bytes are those of an operator and of what is fused into it, since they share their time.
    """
    timed = [group for group in steps(run.ops) if group.macs and group.latency_s]
    groups = sorted(alike(timed), key=lambda group: -group.latency_s)[:most]
    found = (
        (group, memory.name, _moved(group, memory.name)) for memory in roof(run).memories for group in groups
    )
    return [_point(group, memory, moved) for group, memory, moved in found if moved]


def _moved(group: Group, memory: str) -> float:
    return group.total(lambda op: op.traffic.get(memory, 0))


def _point(group: Group, memory: str, moved: float) -> Point:
    time = group.latency_s
    return Point(group.label, memory, group.macs / moved, group.macs / time, time, group.bound_by)
