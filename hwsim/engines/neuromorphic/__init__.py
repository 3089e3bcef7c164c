"""Meshes of neuromorphic cores: spikes, time steps with a barrier, and what every event costs."""

from hwsim.engines.neuromorphic.parts import (
    AxonIn,
    AxonOut,
    Dendrite,
    NeuromorphicCore,
    Soma,
    SpikeMesh,
    Synapse,
)

__all__ = ["AxonIn", "AxonOut", "Dendrite", "NeuromorphicCore", "Soma", "SpikeMesh", "Synapse"]
