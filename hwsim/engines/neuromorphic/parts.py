"""The component classes of a neuromorphic chip: a mesh of tiles, their cores, and the units of a core.

Each action's energy stands under the component's ``energy:``; what no one has published is absent there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from hwsim.arch.component import Attributes, Count
from hwsim.arch.technology import Price, Technology
from hwsim.spec.model import Spec
from hwsim.spec.quantity import Size, Time

DIRECTIONS = ("north", "east", "south", "west")
MOST_NEURONS = 2**31 - 1
"""Limit of the models: neurons are numbered in 32 bits."""

NeuronCount = Annotated[int, Field(gt=0, le=MOST_NEURONS)]
DendriteModel = Literal["accumulator", "accumulator_with_delay"]
BufferPosition = Literal["soma", "dendrite"]


class HopLatency(Spec):
    """Seconds that a message takes from one tile to its neighbour, by direction."""

    north: Time = 0.0
    """To the tile with the next higher y."""
    east: Time = 0.0
    """To the tile with the next higher x."""
    south: Time = 0.0
    """To the tile with the next lower y."""
    west: Time = 0.0
    """To the tile with the next lower x."""


class Barrier(Spec):
    """What the end of a time step costs where at least so many tiles hold neurons."""

    tiles: int = Field(ge=0)
    """Tiles that hold at least one neuron."""
    latency: Time
    """Seconds added to every time step."""


class Part(Attributes):
    """What all parts of a neuromorphic chip have: a word on energies that no one has published."""

    actions: ClassVar[tuple[str, ...]] = ()
    """What it does that costs energy."""

    energy_unknown: str | None = None
    """Why no energy is given; its actions are then counted at 0 J, and results say so."""

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Nothing from the technology; where energies are unknown, 0 J with the reason as the source."""
        del technology
        if self.energy_unknown is None:
            return {}
        price = Price(0.0, f"unknown, counted as 0 J: {self.energy_unknown}")
        return dict.fromkeys(self.actions, price)


class SpikeMesh(Part):
    """A mesh of tiles, ``height`` of them in a column, that pass messages first along x, then along y.

    Actions: ``hop_north``, ``hop_east``, ``hop_south``, ``hop_west``. Its parts are the tiles (containers),
    numbered in the order of the file; the parts of a tile are its cores.
    """

    class_name: ClassVar[str] = "spike_mesh"
    actions: ClassVar[tuple[str, ...]] = tuple(f"hop_{direction}" for direction in DIRECTIONS)

    width: Count
    """Columns."""
    height: Count
    """Tiles of a column; tile t is at x = t div height, y = t mod height."""
    link_buffer: Count
    """Messages that wait at one link of one tile before the sender is held up."""
    hop_latency: HopLatency = HopLatency()
    """Seconds of one hop."""
    flits: Count | None = None
    """Flits of a message. Given, ``event`` fidelity passes messages flit by flit through links with buffers
    of ``link_buffer`` messages; absent, links slow down with the messages that are on them.
    """
    flit_latency: Time = 0.0
    """Seconds in which one flit passes a link."""
    barrier: list[Barrier] = Field(default_factory=list)
    """Latency of the end of a time step; the entry with the most tiles not above those in use counts, below
    the first entry the first. Absent: nothing.
    """


class NeuromorphicCore(Attributes):
    """A core: its parts are the units that a spike passes: axon in, synapse, dendrite, soma, axon out."""

    class_name: ClassVar[str] = "neuromorphic_core"

    neurons: NeuronCount | None = None
    """Neurons that fit; absent means any number."""
    synapse_memory: Size | None = None
    """Bytes for synapses of all neurons; absent means any number."""
    neuron_memory: Size | None = None
    """Bytes for the state of all neurons; absent means any number."""
    buffer: BufferPosition = "soma"
    """What a time step separates: ``soma``, currents wait before the soma; ``dendrite``, synapses' currents
    wait at the dendrite.
    """
    buffer_inside_unit: bool = False
    """Whether the buffer is part of that unit, which then does its own bookkeeping."""


class AxonIn(Part):
    """Takes messages in. Action: ``message``."""

    class_name: ClassVar[str] = "axon_in"
    actions: ClassVar[tuple[str, ...]] = ("message",)

    latency: Time = 0.0
    """Seconds of one message."""


class Synapse(Part):
    """Turns a spike into a current, once a synapse. Action: ``synaptic_op``."""

    class_name: ClassVar[str] = "synapse"
    actions: ClassVar[tuple[str, ...]] = ("synaptic_op",)

    latency: Time = 0.0
    """Seconds of one synaptic operation."""
    bytes_per_synapse: Annotated[float, Field(ge=0)] | None = None
    """Bytes of synapse memory that one synapse takes; absent means none."""
    unit: str | None = None
    """The name by which networks ask for it; by default the component's own."""


class Dendrite(Part):
    """Adds the currents of a neuron. Action: ``update``."""

    class_name: ClassVar[str] = "dendrite"
    actions: ClassVar[tuple[str, ...]] = ("update",)

    model: DendriteModel = "accumulator"
    """``accumulator``: a current is read in the next time step; ``accumulator_with_delay``: by the synapse's
    delay later.
    """
    max_delay: Annotated[int, Field(ge=0)] | None = None
    """Longest delay of a synapse in time steps; absent means any."""
    latency: Time = 0.0
    """Seconds of one update."""
    unit: str | None = None
    """The name by which networks ask for it; by default the component's own."""


class SomaLatency(Spec):
    """Seconds of each action of a soma."""

    access: Time = 0.0
    """Of every visit to a neuron, once a time step."""
    update: Time = 0.0
    """Of an update of its state, added to that."""
    spike: Time = 0.0
    """Of a spike, added to both."""


class Soma(Part):
    """Keeps the state of neurons and decides which fire. Actions: ``access``, ``update``, ``spike``."""

    class_name: ClassVar[str] = "soma"
    actions: ClassVar[tuple[str, ...]] = ("access", "update", "spike")

    models: list[str] = Field(min_length=1)
    """The neuron models it has; where a network names none for its neurons, the first."""
    graded: bool = False
    """Whether a spike may carry a number."""
    latency: SomaLatency = SomaLatency()
    """Seconds of its actions."""
    bytes_per_neuron: Annotated[float, Field(ge=0)] | None = None
    """Bytes of neuron memory that the state of one neuron takes; absent means none."""
    unit: str | None = None
    """The name by which networks ask for it; by default the component's own."""


class AxonOut(Part):
    """Sends one message to each core that has a target of a spike. Action: ``message``."""

    class_name: ClassVar[str] = "axon_out"
    actions: ClassVar[tuple[str, ...]] = ("message",)

    latency: Time = 0.0
    """Seconds of one message."""
