"""The raster of a run as text: who fired when."""

from __future__ import annotations

from hwsim.engines.neuromorphic.run import SpikeRun
from hwsim.workload.spiking.network import SpikingNetwork


def raster_text(run: SpikeRun, network: SpikingNetwork) -> str:
    """A line ``step:ids`` for each time step from 1, the ids ascending with blanks between them."""
    lines = []
    for step in range(run.steps):
        fired = network.ids[run.fired[run.begin[step] : run.begin[step + 1]]]
        lines.append(f"{step + 1}:{' '.join(map(str, fired.tolist()))}\n")
    return "".join(lines)
