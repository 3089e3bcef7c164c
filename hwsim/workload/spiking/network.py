"""A spiking network, neuron by neuron: what a neuromorphic machine runs at ``event`` fidelity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Population:
    """Neurons of one kind. ``unit`` is the hardware unit they ask for, ``model`` the neuron model; None where
    the machine decides.
    """

    name: str
    unit: str | None = None
    model: str | None = None


@dataclass(frozen=True, eq=False)
class SpikingNetwork:
    """Neurons in the order of their ``ids``, synapses in the order of source, target, delay and weight.

    ``population`` is the population of each neuron, ``cores`` the core it is fixed to, -1 where it is free.
    ``parameters`` of the neurons are NaN where the model's default counts. ``source`` and ``target`` are
    positions in ``ids``; a synapse's ``delay`` is in time steps. Neuron i fires by itself at the steps
    ``trains[train_begin[i]:train_begin[i + 1]]``, counted from 1, where its model is ``input``. ``synapse``
    and ``dendrite`` are hardware units that the network asks for. A synapse ends at a ``port`` of its target,
    0 without any: what a current means to a model with several inputs. Synapses of one ``word`` share one
    stored weight, as those of a convolution do; without words each has its own.
    """

    timesteps: int
    ids: Ints
    populations: tuple[Population, ...]
    population: Ints
    parameters: Mapping[str, Floats]
    cores: Ints
    source: Ints
    target: Ints
    weight: Floats
    delay: Ints
    train_begin: Ints
    trains: Ints
    synapse: str | None = None
    dendrite: str | None = None
    seed: int = 0
    word: Ints | None = None
    port: Ints | None = None

    @property
    def neurons(self) -> int:
        """How many neurons there are."""
        return len(self.ids)

    @property
    def synapses(self) -> int:
        """How many synapses there are."""
        return len(self.source)

    @cached_property
    def synapse_begin(self) -> Ints:
        """Where the synapses of each source begin in ``source``; one entry more than there are neurons."""
        import numpy as np

        begin: Any = np.searchsorted(self.source, np.arange(self.neurons + 1))
        return np.asarray(begin, dtype=np.int64)

    @property
    def ports(self) -> int:
        """One more than the highest port of any synapse."""
        return 1 if self.port is None or not len(self.port) else int(self.port.max()) + 1

    @property
    def longest_delay(self) -> int:
        """The longest delay in time steps; 0 without synapses."""
        return int(self.delay.max()) if len(self.delay) else 0


def synapse_order(source: Ints, target: Ints, delay: Ints, weight: Floats) -> Ints:
    """The order in which a network keeps synapses: whatever the order they come in, sums round alike."""
    import numpy as np

    return np.asarray(np.lexsort((weight, delay, target, source)), dtype=np.int64)
