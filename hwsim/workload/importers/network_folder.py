"""A folder with a spiking network's CSV tables (and ``case.json``) as a workload in our own YAML."""

from __future__ import annotations

from pathlib import Path

from hwsim.workload.spiking.folder import EDGES, NEURONS, SETTINGS, TRAINS, network_folder

SUFFIXES = (f"/{NEURONS}",)


def import_text(path: Path, allow_unknown: bool) -> str:
    """The workload that runs the network in the folder at ``path``.

    Without ``case.json`` the number of time steps is left to ``--set workload.timesteps=...``.

    Raises:
        InputError: ``case.json`` is at fault.
    """
    del allow_unknown
    import yaml

    workload: dict[str, object] = {
        "name": path.resolve().name,
        "description": "a spiking network in CSV tables",
        "neurons": NEURONS,
        "edges": EDGES,
        "parameters": {},
    }
    if (path / TRAINS).is_file():
        workload["input_spikes"] = TRAINS
    if (path / SETTINGS).is_file():
        tables = network_folder(path).tables
        workload["parameters"] = {"timesteps": tables.timesteps}
        workload |= {"synapse": tables.synapse, "dendrite": tables.dendrite}
    return str(yaml.safe_dump({key: value for key, value in workload.items() if value is not None}))
