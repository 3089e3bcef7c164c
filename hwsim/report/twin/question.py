"""What does a spiking network cost, what its dense twin, and at which spike rate are they equal?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hwsim.arch.load import load_arch
from hwsim.arch.machine import Arch
from hwsim.arch.memory import Dram, Memory, Sram
from hwsim.energy.load import load_technology
from hwsim.energy.price import leakage_watts
from hwsim.energy.result import Result
from hwsim.energy.spiking_accounting.break_even import MOST, break_even
from hwsim.energy.spiking_accounting.convention import TECHNOLOGY, Convention
from hwsim.energy.spiking_accounting.event_costs import (
    Dataflow,
    EventCosts,
    EventEnergy,
    Widths,
    event_energy,
)
from hwsim.engines.neuromorphic.layer_statistics import LayerStatistics, is_layered, statistics_of
from hwsim.pipeline import simulate
from hwsim.spec.errors import InputError
from hwsim.workload.load import load_workload
from hwsim.workload.workload import Workload

RATES = tuple(min(MOST, 10 ** (power / 10 - 3)) for power in range(31))
"""Spike rates of the curves, from 0.1 %."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Bits of weights and potentials, bytes of one SRAM macro."""

    weight_bits: int = 8
    potential_bits: int = 16
    sram_bytes: int = 64 * 2**10


@dataclass(frozen=True)
class Accounting:
    """One way of counting: joules of the network at its own rates and of its twin; ``energy`` at any rate."""

    name: str
    says: str
    network: float
    twin: float
    energy: Callable[[float], float]

    @cached_property
    def rate(self) -> float | None:
        """The spike rate up to which the network costs no more than its twin."""
        return break_even(self.energy, self.twin)


@dataclass(frozen=True)
class Question:
    """A network (a name or file), the machine of its twin, and perhaps the chip that the network runs on."""

    workload: str
    overrides: tuple[str, ...]
    against: str
    chip: str | None
    settings: Settings

    @cached_property
    def network(self) -> Workload:
        """The spiking network at its own rates.

        Raises:
            InputError: it is none that is told by its layers.
        """
        found = load_workload(self.workload, self.overrides)
        if not is_layered(found):
            raise InputError(
                f"workload {found.name!r} is no spiking network told by its layers",
                hint="give one, as those in workloads/spiking: hwsim list workload",
            )
        return found

    @cached_property
    def layers(self) -> tuple[LayerStatistics, ...]:
        """Its layers."""
        return statistics_of(self.network)

    @cached_property
    def machine(self) -> Arch:
        """The twin's machine.

        Raises:
            InputError: it has no memory outside, or no engine for products.
        """
        found = load_arch(self.against)
        if not isinstance(found.root.attributes, Dram):
            raise InputError(f"machine {found.name!r} has no DRAM at its root", hint="take edge_npu")
        return found

    @cached_property
    def twin(self) -> Result:
        """The twin: the same layers dense, in the machine's datatype, once instead of in every time step.

        Where each step has an input of its own, it works through all of them, too.
        """
        if self.network.parameters["sequence"]:
            return simulate(self.machine, self.network)
        once = (*(each for each in self.overrides if not each.startswith("timesteps")), "timesteps=1")
        return simulate(self.machine, load_workload(self.workload, once))

    @cached_property
    def mean_rate(self) -> float:
        """Accumulations over dense operations of all layers that hear spikes."""
        heard = [each for each in self.layers if not each.multi_bit and each.dense]
        dense = sum(each.dense for each in heard)
        return sum(each.synaptic_ops for each in heard) / dense if dense else 0.0

    @cached_property
    def costs(self) -> EventCosts:
        """Prices in the technology of the twin's machine, with as many adders as it has multipliers."""
        technology, root = load_technology(self.machine.technology), self.machine.root.attributes
        assert isinstance(root, Dram)
        watts = leakage_watts(self.machine, technology)
        peak = self.twin.peak_macs_per_s
        if not peak:
            raise InputError(
                f"machine {self.machine.name!r} has no engine for products", hint="take edge_npu"
            )
        return EventCosts.of(technology, root.device, self.settings.sram_bytes, watts, peak)

    def accountings(self) -> Iterator[Accounting]:
        """The papers' convention, arithmetic alone, memory in two ways, and the chip if there is one."""
        yield self._papers()
        yield self._own("compute", "arithmetic of int8 and int32 alone", "scatter", lambda each: each.compute)
        says = "and weights, potentials {}, spikes, DRAM, static power"
        often: tuple[tuple[Dataflow, str], ...] = (
            ("stationary", "once a step"),
            ("scatter", "with every operation"),
        )
        for dataflow, how in often:
            yield self._own(f"memory_{dataflow}", says.format(how), dataflow, lambda each: each.total)
        if self.chip is not None:
            yield self._on_chip(self.chip)

    def at(self, rate: float) -> tuple[LayerStatistics, ...]:
        """The layers where all that hear spikes have one rate."""
        if rate not in self._layers_at:
            workload = load_workload(self.workload, (*self.overrides, f"rate={rate!r}"))
            self._layers_at[rate] = statistics_of(workload)
        return self._layers_at[rate]

    @cached_property
    def _layers_at(self) -> dict[float, tuple[LayerStatistics, ...]]:
        """The layers at each rate asked for: the accountings ask for the same ones."""
        return {}

    def _papers(self) -> Accounting:
        convention = Convention.of(load_technology(TECHNOLOGY))

        def counted(layers: tuple[LayerStatistics, ...]) -> float:
            macs = sum(each.synaptic_ops for each in layers if each.multi_bit)
            return convention.energy(macs, sum(each.synaptic_ops for each in layers if not each.multi_bit))

        mac, accumulate = 1e12 * convention.mac, 1e12 * convention.accumulate
        says = f"the papers': {mac:.1f} pJ a multiplication, {accumulate:.1f} pJ an addition, nothing else"
        twin = convention.energy(self.twin.macs, 0)
        return Accounting("papers", says, counted(self.layers), twin, lambda rate: counted(self.at(rate)))

    def _own(
        self, name: str, says: str, dataflow: Dataflow, part: Callable[[EventEnergy], float]
    ) -> Accounting:
        def energy(layers: tuple[LayerStatistics, ...]) -> float:
            return part(event_energy(layers, self.costs, self._widths, dataflow, self._dram_bits))

        twin = self._twin_compute if name == "compute" else self.twin.energy_j
        return Accounting(name, says, energy(self.layers), twin, lambda rate: energy(self.at(rate)))

    def _on_chip(self, chip: str) -> Accounting:
        """The chip's own energies of events, static power included."""

        def energy(*more: str) -> float:
            sets = tuple(f"workload.{each}" for each in (*self.overrides, *more))
            return simulate(chip, self.workload, overrides=sets).energy_j

        says = f"events on {chip} with their published or assumed energies, static power"
        return Accounting("chip", says, energy(), self.twin.energy_j, lambda rate: energy(f"rate={rate!r}"))

    @property
    def _widths(self) -> Widths:
        return Widths(self.settings.weight_bits, self.settings.potential_bits)

    @cached_property
    def outside(self) -> bool:
        """Whether the memories on the chip are too small for the weights."""
        inside = sum(
            part.attributes.capacity * part.instances
            for part in self.machine.walk()
            if isinstance(part.attributes, Sram)
        )
        return sum(each.weights for each in self.layers) * self.settings.weight_bits > 8 * inside

    @property
    def _dram_bits(self) -> float:
        """Bits of weights from outside: once an input, as the twin's, for all time steps together."""
        return float(sum(each.weights for each in self.layers) * self.settings.weight_bits) * self.outside

    @cached_property
    def _twin_compute(self) -> float:
        """Joules of the twin's engines, memories left out."""
        return sum(
            each.dynamic_energy
            for each in self.twin.prices.components
            if not isinstance(each.component.attributes, Memory)
        )


def answer_of(question: Question) -> dict[str, Any]:
    """The answer as JSON has it."""
    network, twin = question.network, question.twin
    found = list(question.accountings())
    return {
        "workload": network.name,
        "against": question.machine.name,
        "parameters": dict(network.parameters),
        "mean_spike_rate": question.mean_rate,
        "synaptic_ops": sum(each.synaptic_ops for each in question.layers),
        "twin": {"macs": twin.macs, "latency_s": twin.latency_s, "energy_j": twin.energy_j},
        "accountings": [_row(each) for each in found],
        "curves": {
            "rate": list(RATES),
            **{each.name: [each.energy(rate) for rate in RATES] for each in found},
        },
        "notes": list(_notes(question)),
    }


def _row(accounting: Accounting) -> dict[str, Any]:
    return {
        "accounting": accounting.name,
        "says": accounting.says,
        "energy_j": accounting.network,
        "twin_energy_j": accounting.twin,
        "ratio": accounting.network / accounting.twin if accounting.twin else None,
        "break_even_rate": accounting.rate,
    }


def _notes(question: Question) -> Iterator[str]:
    """What the figures rest on, and the traps that this network's own accounting has."""
    yield from question.network.notes
    dense = sum(each.dense for each in question.layers)
    multi = [each for each in question.layers if each.multi_bit and each.dense]
    if multi:
        share = 100 * sum(each.dense for each in multi) / dense
        names = ", ".join(each.name for each in multi[:3]) + (", ..." if len(multi) > 3 else "")
        yield f"{share:.2g} % of the operations have no binary input and count as multiplications: {names}"
    steps, settings = question.network.parameters["timesteps"], question.settings
    if question.network.parameters["sequence"]:
        yield f"each of {steps} time steps has an input of its own: the twin works through all of them"
    else:
        yield f"the network works through {steps} time steps, its twin once; a stem counts in every step"
    yield (
        f"break-even: one rate for all layers that hear spikes; weights of {settings.weight_bits} bits, "
        f"potentials of {settings.potential_bits}, SRAM macros of {settings.sram_bytes} bytes, prices of "
        f"{question.machine.technology}"
    )
    if question.outside:
        yield (
            "the weights do not fit the memories on the chip: both read them from DRAM once, layer by layer "
            "for all time steps together, which a network whose layers feed back cannot do"
        )
