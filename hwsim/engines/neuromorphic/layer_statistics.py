"""A spiking network's layers as events on cores, from shapes and spike rates alone.

Formulas only; in tests their counts are those of a run spike by spike with the same statistics. A layer that
hears so many ``spikes`` makes ``synaptic_ops`` = dense operations x rate; each spike is a message to each
core of the layer, at most to as many as it has targets; each neuron is visited and updated in each step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from hwsim.workload.layers.spike import FIRE
from hwsim.workload.operator import Operator
from hwsim.workload.tensor import Tensor
from hwsim.workload.workload import Workload

SUMMED = ("column_sum", "mask")
"""Operators besides contractions that spikes drive: an addition for each spike."""


@dataclass(frozen=True, slots=True)
class LayerStatistics:
    """One operator over all time steps and inputs.

    ``dense`` operations if every input fired, ``synaptic_ops`` those that happen, ``inputs`` elements and
    ``spikes`` in them, ``neurons`` updates of a neuron, ``fired`` spikes made, ``weights`` learned numbers,
    ``multi_bit`` whether the input is not binary.
    """

    name: str
    kind: str
    dense: int
    synaptic_ops: int
    inputs: int
    spikes: int
    updates: int
    fired: int
    weights: int
    multi_bit: bool

    @property
    def fan_out(self) -> float:
        """Targets of one input on average."""
        return self.dense / self.inputs if self.inputs else 0.0


def is_layered(workload: Workload) -> bool:
    """Whether a workload is a spiking network told by its layers."""
    return workload.network is None and any(op.kind == FIRE for op in workload.operators)


def statistics_of(workload: Workload) -> tuple[LayerStatistics, ...]:
    """The layers that cost something on cores: products, sums that spikes drive, and neurons."""
    return tuple(_statistics(workload))


def _statistics(workload: Workload) -> Iterator[LayerStatistics]:
    for op in workload.operators:
        tensors = [workload.tensors[part.tensor] for part in op.inputs]
        if op.is_contraction:
            yield _product(op, tensors[0], tensors[1])
        elif op.kind in SUMMED:
            spikes = min(tensors, key=lambda each: each.density)
            yield _driven(op, spikes, spikes.elements)
        elif op.kind == FIRE:
            made = workload.tensors[op.outputs[0].tensor]
            yield LayerStatistics(
                name=op.name,
                kind=op.kind,
                dense=0,
                synaptic_ops=0,
                inputs=0,
                spikes=0,
                updates=made.elements,
                fired=round(made.elements * made.density),
                weights=0,
                multi_bit=False,
            )


def _product(op: Operator, first: Tensor, second: Tensor) -> LayerStatistics:
    """A contraction: of spikes with weights, or of spikes with spikes or their sums."""
    weights = sum(each.elements for each in (first, second) if each.kind == "weight")
    spikes = min((first, second), key=lambda each: (each.density, each.kind == "weight"))
    found = _driven(op, spikes, op.macs)
    return LayerStatistics(
        **{name: getattr(found, name) for name in found.__slots__ if name != "weights"}, weights=weights
    )


def _driven(op: Operator, spikes: Tensor, dense: int) -> LayerStatistics:
    return LayerStatistics(
        name=op.name,
        kind=op.kind,
        dense=dense,
        synaptic_ops=round(dense * spikes.density),
        inputs=prod(spikes.shape),
        spikes=round(spikes.elements * spikes.density),
        updates=0,
        fired=0,
        weights=0,
        multi_bit=spikes.density == 1.0,
    )
