"""What hwsim charges a spiking network for, beside the papers' additions: memory of every kind, static power.

Two ways of working are told apart. ``scatter``: every synaptic operation reads its weight and reads and
writes the potential of its target, as cores driven by events do. ``stationary``: sums stay in registers in
a time step, so that a potential is read and written once a step; weights are read for every operation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hwsim.arch.technology import Technology
from hwsim.engines.neuromorphic.layer_statistics import LayerStatistics

Dataflow = Literal["scatter", "stationary"]
ACCESS = 8
"""Bytes that an SRAM gives at once: prices are shared by them."""


@dataclass(frozen=True, slots=True)
class Widths:
    """Bits of a weight and of a membrane potential."""

    weight: int
    potential: int


@dataclass(frozen=True, slots=True)
class EventCosts:
    """Joules of an accumulation, a multiply-accumulation, a bit read and written in SRAM, a bit of DRAM;
    watts leaked; operations a second.
    """

    accumulate: float
    mac: float
    read: float
    write: float
    dram: float
    leakage: float
    rate: float

    @classmethod
    def of(cls, technology: Technology, device: str, sram: int, leakage: float, rate: float) -> EventCosts:
        """Costs in a technology, with a DRAM of kind ``device`` and SRAM macros of ``sram`` bytes."""
        add = technology.arithmetic("add", "int32").value
        return cls(
            accumulate=add,
            mac=technology.arithmetic("multiply", "int8").value + add,
            read=technology.sram("read", sram, ACCESS).value / (8 * ACCESS),
            write=technology.sram("write", sram, ACCESS).value / (8 * ACCESS),
            dram=technology.dram(device).value,
            leakage=leakage,
            rate=rate,
        )


@dataclass(frozen=True, slots=True)
class EventEnergy:
    """Joules by what they are spent on."""

    compute: float
    weights: float
    potentials: float
    spikes: float
    dram: float
    static: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.compute + self.memory

    @property
    def memory(self) -> float:
        """All but arithmetic."""
        return self.weights + self.potentials + self.spikes + self.dram + self.static


def event_energy(
    layers: Iterable[LayerStatistics], costs: EventCosts, widths: Widths, dataflow: Dataflow, dram_bits: float
) -> EventEnergy:
    """The energy of a spiking network of these layers; ``dram_bits`` come from the memory outside."""
    known = tuple(layers)
    multi = sum(each.synaptic_ops for each in known if each.multi_bit)
    operations = sum(each.synaptic_ops for each in known if not each.multi_bit)
    updates = sum(each.updates for each in known)
    touched = updates + (operations + multi if dataflow == "scatter" else 0)
    bits = sum(each.fired for each in known) + sum(each.spikes for each in known if not each.multi_bit)
    return EventEnergy(
        compute=operations * costs.accumulate + multi * costs.mac + updates * (costs.mac + costs.accumulate),
        weights=(operations + multi) * widths.weight * costs.read,
        potentials=touched * widths.potential * (costs.read + costs.write),
        spikes=bits * (costs.read + costs.write) / 2,
        dram=dram_bits * costs.dram,
        static=costs.leakage * (operations + multi) / costs.rate,
    )
