"""A machine whose outermost memory has many bandwidths: its outcome at each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch, memory_of
from hwsim.energy.load import load_technology
from hwsim.energy.price import PricedComponent, action_price, price
from hwsim.energy.result import outer_bytes_per_s, peak_macs_per_s
from hwsim.explore.fixed.facts import Facts
from hwsim.explore.fixed.family import Family
from hwsim.explore.fixed.program import Cycles, Timed
from hwsim.explore.metrics import Outcome, answered
from hwsim.mapping.steps import root_rate
from hwsim.simulation.bounds import Traffic
from hwsim.simulation.execution import Execution
from hwsim.simulation.scene import Scene, bits_cycles

_NOTHING = Execution("analytical", 0, (), (), 0, ())


@dataclass(frozen=True)
class Bench:
    """One machine of a family, whatever the bandwidth of its outermost memory; ``facts`` of each kind of
    step.
    """

    arch: Arch
    family: Family
    scene: Scene
    facts: tuple[Facts, ...]

    def outcomes(self, roots: Sequence[Component]) -> list[Outcome]:
        """What becomes of the machine with each of these outermost memories."""
        rates = tuple(root_rate(root, self.arch.clock) for root in roots)
        timed = [each.program.timed(rates) for each in self.facts]
        cycles = np.stack([count * each.cycles for count, each in zip(self._counts, timed, strict=True)])
        bound = self._bounds(timed, cycles)
        total = cycles.sum(axis=0)
        return [
            self._outcome(root, rate, int(total[place]), bound[place])
            for place, (root, rate) in enumerate(zip(roots, rates, strict=True))
        ]

    def _outcome(self, root: Component, rate: float | None, cycles: int, bound: dict[str, int]) -> Outcome:
        clock = self.arch.clock
        seconds = cycles / clock
        leaking = {name: watts * seconds for name, watts in self._leakage.items()}
        possible = self._peak * seconds
        least = max(*self._work.values(), bits_cycles(8 * self._compulsory_crossing, rate))
        return answered(
            latency_s=seconds,
            cycles=cycles,
            dynamic_energy_j=sum(self._dynamic.values()),
            leakage_energy_j=sum(leaking.values()),
            area_mm2=self._area,
            utilization=self._macs / possible if possible else 0.0,
            macs=self._macs,
            dram_bytes=self._dram_bytes,
            lower_bound_latency_s=least / clock,
            lower_bound_dram_bytes=self._compulsory.bytes,
            peak_macs_per_s=self._peak,
            dram_bytes_per_s=outer_bytes_per_s(root),
            time_by_bound={name: each / clock for name, each in bound.items()},
            energy_by_component={name: self._dynamic[name] + each for name, each in leaking.items()},
            area_by_component=self._areas,
        )

    def _bounds(self, timed: Sequence[Timed], cycles: Cycles) -> list[dict[str, int]]:
        """Cycles by what bounds the steps at each rate, in the order in which a run meets it."""
        names = ("compute", self.arch.root.name, "on-chip bandwidth")
        rates = cycles.shape[1]
        causes = np.stack([_causes(facts, each.outer) for facts, each in zip(self.facts, timed, strict=True)])
        spent = [np.where((causes == cause) & (cycles > 0), cycles, 0) for cause in range(len(names))]
        totals = [each.sum(axis=0) for each in spent]
        firsts = [(each > 0).argmax(axis=0) for each in spent]
        found = []
        for rate in range(rates):
            met = [cause for cause in range(len(names)) if totals[cause][rate]]
            ordered = sorted(met, key=lambda cause: int(firsts[cause][rate]))
            found.append({names[cause]: int(totals[cause][rate]) for cause in ordered})
        return found

    @cached_property
    def _compulsory(self) -> Traffic:
        """What must cross the outermost boundary."""
        return self.scene.total_compulsory

    @cached_property
    def _compulsory_crossing(self) -> int:
        """Bytes of it one after another: reads and writes side by side where there are two ports."""
        moved = self._compulsory
        shared = memory_of(self.arch.root).ports == "shared"
        return moved.bytes if shared else max(moved.reads, moved.writes)

    @cached_property
    def _leakage(self) -> dict[str, float]:
        """Watts leaked by each component."""
        return {part.component.name: part.leakage.value if part.leakage else 0.0 for part in self._parts}

    @cached_property
    def _counts(self) -> list[int]:
        """How many steps there are of each kind."""
        kinds = self.family.kinds
        return [kinds.count(kind) for kind in range(len(self.facts))]

    @cached_property
    def _macs(self) -> int:
        return sum(count * facts.macs for count, facts in zip(self._counts, self.facts, strict=True))

    @cached_property
    def _dram_bytes(self) -> int:
        return sum(count * facts.dram_bytes for count, facts in zip(self._counts, self.facts, strict=True))

    @cached_property
    def _work(self) -> dict[str, int]:
        """Fewest cycles of each component."""
        work: dict[str, int] = {}
        for count, facts in zip(self._counts, self.facts, strict=True):
            work[facts.component] = work.get(facts.component, 0) + count * facts.work
        return work

    @cached_property
    def _peak(self) -> float:
        return peak_macs_per_s(self.arch, self.scene.sites.datatype)

    @cached_property
    def _parts(self) -> tuple[PricedComponent, ...]:
        """The components with their areas and leakages; that does not depend on the run."""
        return price(_NOTHING, self.arch, load_technology(self.arch.technology)).components

    @cached_property
    def _areas(self) -> dict[str, float]:
        return {part.component.name: part.area.value / 1e-6 for part in self._parts if part.area}

    @cached_property
    def _area(self) -> float | None:
        known = [part.area.value for part in self._parts if part.area]
        return sum(known) / 1e-6 if known else None

    @cached_property
    def _dynamic(self) -> dict[str, float]:
        """Joules of each component, added up step by step as a run's price is."""
        technology = load_technology(self.arch.technology)
        prices: dict[tuple[str, str], float] = {}
        terms: list[dict[str, list[float]]] = []
        for facts in self.facts:
            own: dict[str, list[float]] = {}
            for component, action, count in facts.actions:
                key = (component, action)
                if key not in prices:
                    prices[key] = action_price(self.scene.parts[component], action, technology).value
                own.setdefault(component, []).append(count * prices[key])
            terms.append(own)
        return {part.component.name: self._summed(part.component.name, terms) for part in self._parts}

    def _summed(self, component: str, terms: Sequence[dict[str, list[float]]]) -> float:
        """The terms of a component one after another: floating point adds up differently in another order."""
        each = [terms[kind][component] for kind in self.family.kinds if component in terms[kind]]
        return float(np.add.accumulate(np.concatenate([np.zeros(1), *each]))[-1]) if each else 0.0


def _causes(facts: Facts, outer: Cycles) -> Cycles:
    """Which of compute, outermost memory and memories on the chip works longest, the first of equal ones."""
    others = (np.full(len(outer), facts.compute), outer, np.full(len(outer), facts.on_chip))
    found: Cycles = np.stack(others).argmax(axis=0)
    return found
