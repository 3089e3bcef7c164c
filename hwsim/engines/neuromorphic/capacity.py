"""What fits on a core: neurons, input units, synapse memory, neuron memory, delays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hwsim.arch.component import Component
from hwsim.engines.neuromorphic.chip import Chip, CoreKind, Unit
from hwsim.engines.neuromorphic.parts import Dendrite, Soma, Synapse
from hwsim.engines.neuromorphic.units import Placing, placing_of
from hwsim.spec.errors import InputError, Position
from hwsim.workload.spiking.models import NEURON_MODELS
from hwsim.workload.spiking.network import SpikingNetwork

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Floats, Ints


def check_capacity(chip: Chip, network: SpikingNetwork, cores: Ints) -> None:
    """Refuse a placement that puts more on a core than it holds.

    Raises:
        InputError: names the core, what does not fit and how much too much it is.
    """
    placing = placing_of(chip, network, cores)
    loads = (
        ("neurons", "neurons", np.bincount(cores, minlength=len(chip.cores)), limits(chip, "neurons")),
        ("input neurons", "neurons", _inputs(chip, placing, cores), input_limits(chip)),
        (
            "bytes of synapses",
            "synapse_memory",
            synapse_bytes(chip, network, cores),
            limits(chip, "synapse_memory"),
        ),
        (
            "bytes of neurons",
            "neuron_memory",
            neuron_bytes(placing, chip, cores),
            limits(chip, "neuron_memory"),
        ),
    )
    for what, attribute, load, limit in loads:
        over = np.flatnonzero(load > limit)
        if len(over):
            core = int(over[0])
            raise InputError(
                f"core {core} of {chip.arch.name!r} has {load[core] - limit[core]:g} {what} too many: "
                f"{load[core]:g} where {limit[core]:g} fit",
                place_of(chip.cores[core].kind, attribute),
                hint="spread the network over more cores or take a larger chip",
            )
    _check_delays(chip, network, cores)


def place_of(kind: CoreKind, attribute: str) -> Position | None:
    """Where the machine's file gives an attribute of a kind of core, or begins to describe it."""
    return kind.component.position_of(attribute, "buffer", "source")


def input_limits(chip: Chip) -> Floats:
    """Spike trains that fit, by core: one an input unit; infinite where the core has no such unit."""

    def trains(kind: CoreKind) -> float:
        units = [unit for unit in kind.somas if _models(unit) == ["input"]]
        return float(sum(unit.count for unit in units)) if units else float("inf")

    return np.array([trains(core.kind) for core in chip.cores])


def synapse_bytes(chip: Chip, network: SpikingNetwork, cores: Ints) -> Floats:
    """Bytes of synapse memory that each core needs: every synapse is kept where its target is, a weight that
    synapses of one core share once.
    """
    each = np.array([bytes_per_synapse(core.kind, network) for core in chip.cores])
    at = cores[network.target]
    if network.word is not None and network.synapses:
        words = int(network.word.max()) + 1
        at = np.unique(at * words + network.word) // words
    return np.asarray(each * np.bincount(at, minlength=len(chip.cores)))


def neuron_bytes(placing: Placing, chip: Chip, cores: Ints) -> Floats:
    """Bytes of neuron memory that each core needs."""
    each = np.array(
        [bytes_per_neuron(unit) for kind in chip.kinds for unit in kind.somas],
    )
    needed = np.bincount(cores, weights=each[placing.somas], minlength=len(chip.cores))
    return np.asarray(needed, dtype=np.float64)


def _inputs(chip: Chip, placing: Placing, cores: Ints) -> Ints:
    fed = placing.models == NEURON_MODELS["input"].code
    return np.asarray(np.bincount(cores[fed], minlength=len(chip.cores)))


def limits(chip: Chip, attribute: str) -> Floats:
    """An attribute of each core, infinite where it has none."""
    given = (getattr(core.kind.attributes, attribute) for core in chip.cores)
    return np.array([float("inf") if each is None else float(each) for each in given])


def bytes_per_synapse(kind: CoreKind, network: SpikingNetwork) -> float:
    """Bytes of one synapse on a kind of core."""
    attributes = kind.unit("synapse", kind.synapses, network.synapse).component.attributes
    assert isinstance(attributes, Synapse)
    return attributes.bytes_per_synapse or 0.0


def bytes_per_neuron(unit: Unit) -> float:
    """Bytes of one neuron on a soma unit."""
    attributes = unit.component.attributes
    assert isinstance(attributes, Soma)
    return attributes.bytes_per_neuron or 0.0


def _models(unit: Unit) -> list[str]:
    attributes = unit.component.attributes
    assert isinstance(attributes, Soma)
    return attributes.models


def _check_delays(chip: Chip, network: SpikingNetwork, cores: Ints) -> None:
    """Refuse a delay that is longer than the dendrite of the target's core keeps currents."""
    if network.longest_delay == 0:
        return
    most = np.array([_longest_delay(core.kind, network) for core in chip.cores])
    beyond = np.flatnonzero(network.delay > most[cores[network.target]])
    if len(beyond):
        place = int(beyond[0])
        source, target = network.ids[network.source[place]], network.ids[network.target[place]]
        core = int(cores[network.target[place]])
        raise InputError(
            f"the synapse {source} -> {target} has a delay of {network.delay[place]} time steps, core {core} "
            f"of {chip.arch.name!r} keeps currents for {most[core]:g}",
            _dendrite(chip.cores[core].kind, network).position_of("max_delay", "model"),
        )


def _dendrite(kind: CoreKind, network: SpikingNetwork) -> Component:
    """The dendrite that a network uses on a kind of core."""
    return kind.unit("dendrite", kind.dendrites, network.dendrite).component


def _longest_delay(kind: CoreKind, network: SpikingNetwork) -> float:
    dendrite = _dendrite(kind, network).attributes
    assert isinstance(dendrite, Dendrite)
    if dendrite.model == "accumulator":
        return 0.0
    return float("inf") if dendrite.max_delay is None else float(dendrite.max_delay)
