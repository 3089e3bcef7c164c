"""A folder with a network's CSV tables and ``case.json``: the steps, and what the network asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim.spec.errors import InputError, Position
from hwsim.spec.files import read_text
from hwsim.spec.located_json import parse_json
from hwsim.workload.spiking.tables import NetworkTables

NEURONS, EDGES, TRAINS, SETTINGS = "neurons.csv", "edges.csv", "input_spikes.csv", "case.json"


@dataclass(frozen=True, slots=True)
class NetworkFolder:
    """What is in the folder; ``arch`` is the name of the machine that the case was made for."""

    tables: NetworkTables
    arch: str | None


def network_folder(folder: Path) -> NetworkFolder:
    """The network in a folder that has ``case.json``.

    Raises:
        InputError: ``case.json`` is missing, or a value of it is at fault.
    """
    place = folder / SETTINGS
    settings: Any = parse_json(read_text(place), str(place))
    if not isinstance(settings, dict):
        raise InputError("must be a mapping of settings", Position(str(place)))
    steps = settings.get("timesteps")
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise InputError(
            f"timesteps must be a whole number of at least 1, got {steps!r}", Position(str(place))
        )
    trains = folder / TRAINS
    return NetworkFolder(
        NetworkTables(
            neurons=folder / NEURONS,
            edges=folder / EDGES,
            input_spikes=trains if trains.is_file() else None,
            timesteps=steps,
            synapse=_text(settings, "synapse", place),
            dendrite=_text(settings, "dendrite", place),
        ),
        _text(settings, "arch", place),
    )


def _text(settings: dict[str, Any], key: str, place: Path) -> str | None:
    value = settings.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{key} must be a text, got {value!r}", Position(str(place)))
    return value
