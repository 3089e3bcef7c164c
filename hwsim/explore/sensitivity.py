"""What one more KiB, GB/s, row or column would bring: the run again with each, its loop nests chosen anew.

No estimate: every changed machine is mapped for the same objective and simulated, so that a change that lets
a larger tile fit, or none, shows as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch
from hwsim.arch.memory import Memory
from hwsim.energy.result import Result
from hwsim.mapping.protocol import MatrixAttributes
from hwsim.pipeline import describe, simulate

KIB, GB_PER_S = 1024, 1e9


@dataclass(frozen=True, slots=True)
class Change:
    """One attribute of one component a little larger: what it says, and as ``--set`` takes it."""

    says: str
    override: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What the whole run takes with a change, and what it takes less than without, in seconds and joules."""

    change: Change
    latency_s: float
    energy_j: float
    saved_s: float
    saved_j: float


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The run as it is, by resource the share of its time in which it limits, and what changes bring."""

    result: Result
    limits: dict[str, float]
    effects: tuple[Effect, ...]


def sensitivity(
    arch: str,
    workload: str,
    mapping: str = "auto",
    overrides: tuple[str, ...] = (),
    objective: str = "latency",
) -> Sensitivity:
    """Run a workload as it is and with each change; the arguments are those of ``simulate``, by name.

    Raises:
        InputError: some input is at fault.
    """
    base = simulate(arch, workload, mapping, overrides=overrides, objective=objective)
    machine, _ = describe(arch, workload, overrides)
    effects = []
    for change in changes(machine):
        each = simulate(arch, workload, mapping, overrides=(*overrides, change.override), objective=objective)
        saved = base.latency_s - each.latency_s, base.energy_j - each.energy_j
        effects.append(Effect(change, each.latency_s, each.energy_j, *saved))
    return Sensitivity(base, _limits(base), tuple(effects))


def changes(arch: Arch) -> tuple[Change, ...]:
    """The changes of every memory and every array of a machine, from the outside in."""
    return tuple(change for part in arch.walk() for change in _of(part))


def _of(part: Component) -> Iterator[Change]:
    attributes = part.attributes
    if isinstance(attributes, Memory):
        if attributes.capacity is not None:
            yield Change(
                f"one more KiB in {part.name}", f"{part.name}.capacity={attributes.capacity + KIB} B"
            )
        if attributes.bandwidth is not None:
            rate = attributes.bandwidth.per_second(part.clock) + GB_PER_S
            yield Change(f"one more GB/s of {part.name}", f"{part.name}.bandwidth={rate:.0f} B/s")
    if isinstance(attributes, MatrixAttributes):
        for name in ("rows", "columns"):
            size = getattr(attributes, name, None)
            if isinstance(size, int):
                yield Change(f"one more of {part.name}'s {name}", f"{part.name}.{name}={size + 1}")


def _limits(result: Result) -> dict[str, float]:
    """The share of the time in which each resource limits, the largest first."""
    found: dict[str, float] = {}
    for run in result.execution.operators:
        found[run.bound_by] = found.get(run.bound_by, 0.0) + run.cycles / max(result.execution.cycles, 1)
    shares = {name: share for name, share in found.items() if share}
    return dict(sorted(shares.items(), key=lambda each: -each[1]))
