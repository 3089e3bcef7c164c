"""How many cores the layers of a spiking network take, and what they wait for when they take turns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, inf

from hwsim.arch.memory import Memory
from hwsim.engines.neuromorphic.chip import Chip
from hwsim.engines.neuromorphic.layer_statistics import LayerStatistics
from hwsim.engines.neuromorphic.parts import Soma, Synapse
from hwsim.spec.errors import InputError


@dataclass(frozen=True, slots=True)
class LayerPlacing:
    """``cores`` by layer in their order. ``resident``: all layers are on the chip at once, each with its
    cores; else they take turns on all of them, and weights come from the outermost memory once an input.
    """

    cores: tuple[int, ...]
    resident: bool
    weight_bytes: int


def placing_of_layers(chip: Chip, layers: tuple[LayerStatistics, ...], steps: int) -> LayerPlacing:
    """The cores that each layer takes on a chip whose inputs are shown for ``steps`` time steps in all.

    Raises:
        InputError: the layers do not fit the chip, and it has no memory beside it to take turns from.
    """
    core, count = chip.kinds[0], len(chip.cores)
    synapse, soma = core.synapses[0].component.attributes, core.somas[0].component.attributes
    assert isinstance(synapse, Synapse)
    assert isinstance(soma, Soma)
    room = core.attributes
    needs = []
    for layer in layers:
        neurons = ceil(layer.updates / steps)
        shares = (
            (neurons, room.neurons),
            (layer.weights * (synapse.bytes_per_synapse or 0.0), room.synapse_memory),
            (neurons * (soma.bytes_per_neuron or 0.0), room.neuron_memory),
        )
        needs.append(max(1, *(ceil(load / (limit or inf)) for load, limit in shares)))
    each = synapse.bytes_per_synapse or 0.0
    stored = ceil(sum(layer.weights for layer in layers) * each)
    if sum(needs) <= count:
        return LayerPlacing(tuple(needs), True, stored)
    if not isinstance(chip.arch.root.attributes, Memory):
        raise InputError(
            f"the network's layers need {sum(needs)} cores, {chip.arch.name!r} has {count} and no memory "
            f"beside it that layers could take turns from: {ceil(sum(needs) / count)} chips would hold it",
            hint="take a machine with a memory (spinnaker2), or a smaller network",
        )
    return LayerPlacing((count,) * len(layers), False, stored)


def spread(placing: LayerPlacing, work: tuple[float, ...], count: int) -> LayerPlacing:
    """The placing with cores that are left given to layers in proportion to their ``work`` in seconds."""
    left, total = count - sum(placing.cores), sum(work)
    if not placing.resident or left <= 0 or total <= 0:
        return placing
    more = (int(left * each / total) for each in work)
    cores = tuple(own + extra for own, extra in zip(placing.cores, more, strict=True))
    return replace(placing, cores=cores)
