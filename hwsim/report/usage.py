"""How much of a component is used while the run goes on: time busy, peak MACs reached, bandwidth taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from hwsim.report.document import Component, Run
from hwsim.report.grouping import steps
from hwsim.report.groups import Group

PEAK = "of peak MACs"

_Share = Callable[[Group], float]


@dataclass(frozen=True, slots=True)
class Span:
    """Use of ``share`` of a component from ``start_s`` to ``end_s``."""

    start_s: float
    end_s: float
    share: float


@dataclass(frozen=True, slots=True)
class Usage:
    """One kind of use of one component, over the run."""

    component: str
    measure: str
    spans: tuple[Span, ...]

    @property
    def label(self) -> str:
        """Component and measure."""
        return f"{self.component}: {self.measure}"


def usages(run: Run) -> list[Usage]:
    """What is used of each component that runs operators or moves data."""
    found = steps(run.ops)
    every = (usage for component in run.components for usage in _of(run, component, found))
    return [usage for usage in every if any(span.share for span in usage.spans)]


def binned(spans: Iterable[Span], end_s: float, bins: int) -> list[float]:
    """The mean share in use in each of ``bins`` equal slices of the time from 0 to ``end_s`` seconds."""
    width = end_s / bins
    sums = [0.0] * bins
    for span in spans:
        first, last = int(span.start_s / width), min(bins - 1, int(span.end_s / width))
        for index in range(first, last + 1):
            inside = min(span.end_s, (index + 1) * width) - max(span.start_s, index * width)
            sums[index] += span.share * max(0.0, inside)
    return [total / width for total in sums]


def _of(run: Run, component: Component, found: Sequence[Group]) -> Iterator[Usage]:
    yield _usage(component, "time busy", found, lambda group: _busy(run, group, component.name))
    mine = [group for group in found if group.members[0].component == component.name]
    yield _usage(component, PEAK, mine, _peak_share)
    bandwidth = component.bandwidth_bytes_per_s
    if bandwidth:
        yield _usage(component, "of bandwidth", found, lambda group: _rate(group, component.name) / bandwidth)


def _busy(run: Run, group: Group, component: str) -> float:
    """The share of a step in which a component works; a fused attention keeps several busy."""
    first = group.members[0]
    if first.name in run.sharing:
        computing = {op.component for op in group.members}
        return run.sharing[first.name].get(component, 0.0) if component in computing else 0.0
    return float(first.component == component)


def _peak_share(group: Group) -> float:
    """The share of the peak that all products of a step reach."""
    first = group.members[0]
    return first.utilization * group.total(lambda op: op.macs) / first.macs if first.macs else 0.0


def _usage(component: Component, measure: str, groups: Iterable[Group], share: _Share) -> Usage:
    timed = (group for group in groups if group.latency_s)
    spans = (Span(group.members[0].start_s, group.members[0].end_s, share(group)) for group in timed)
    return Usage(component.name, measure, tuple(spans))


def _rate(group: Group, memory: str) -> float:
    """Bytes a second that a step moves through a memory."""
    return group.total(lambda op: op.traffic.get(memory, 0)) / group.latency_s
