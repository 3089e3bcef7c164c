"""A run of a network of neurons as a result document has it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hwsim.report.parts import Count, Fraction, Number, Part


class Bottleneck(Part):
    """The core that works longest, what it does, and its share of the time that the busiest cores work."""

    core: Count
    doing: str
    fraction: Fraction


class Steps(Part):
    """A value for each time step; times in seconds."""

    spikes: Annotated[tuple[Count, ...], Field(strict=False)]
    packets: Annotated[tuple[Count, ...], Field(strict=False)]
    hops: Annotated[tuple[Count, ...], Field(strict=False)]
    synaptic_ops: Annotated[tuple[Count, ...], Field(strict=False)]
    latency_s: Annotated[tuple[Number, ...], Field(strict=False)]


class Core(Part):
    """A core in use: its place in the mesh, and what it did."""

    core: Count
    x: Count
    y: Count
    neurons: Count
    spikes: Count
    sending_s: Number
    receiving_s: Number


class Raster(Part):
    """Who fired when: the step, from 1, and the neuron of each spike."""

    step: Annotated[tuple[Count, ...], Field(strict=False)]
    neuron: Annotated[tuple[Count, ...], Field(strict=False)]


class Spiking(Part):
    """Totals, steps, cores; the raster where it is not too long."""

    neurons: Count
    synapses: Count
    timesteps: Count
    spikes: Count
    packets: Count
    hops: Count
    synaptic_ops: Count
    spike_rate: Fraction
    bottleneck: Bottleneck
    steps: Steps
    cores: Annotated[tuple[Core, ...], Field(strict=False)]
    raster: Raster | None = None
