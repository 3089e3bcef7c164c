"""SANA-FE's architecture files (YAML with a top key ``architecture``) as a machine in our own YAML.

The keys and their meaning are those of hwsim's SANA-FE reference cases, which the tool itself reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from hwsim.spec.document import Document, parse_document
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.nodes import Path

TOP = "architecture"
_BEGINS = re.compile(rf"^{TOP}\s*:", re.MULTILINE)
_NUMBER_AS_KEY = re.compile(r"([{,]\s*|^\s*)(\d+)(\s*:)", re.MULTILINE)
_NAME = re.compile(r"(?P<base>[^\[\]]+)(\[(?P<first>\d+)\.\.(?P<last>\d+)\])?\Z")
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_-]")
_DIRECTIONS = ("north", "east", "south", "west")
_IGNORED = ("topology", "log_energy", "log_latency")
"""Keys that change nothing here: there is only a mesh, and everything is always counted."""
_NEURON_MODELS = {"leaky_integrate_fire": "lif", "truenorth": "truenorth", "input": "input"}
_DENDRITES = {
    "accumulator": "accumulator",
    "accumulator_with_delay": "accumulator_with_delay",
}
_UNITS = ("axon_in", "synapse", "dendrite", "soma", "axon_out")
_SOURCE = "architecture file of SANA-FE"
_CHOSEN = "SANA-FE has none: chosen by hwsim"


def is_sanafe(text: str) -> bool:
    """Whether a text is an architecture file of SANA-FE."""
    return _BEGINS.search(text) is not None


def machine_text(text: str, file: str) -> str:
    """The machine that the text of an architecture file of SANA-FE describes, in our own YAML.

    Args:
        text: what is in the file; keys that are numbers, which our own files do not have, are taken as text.
        file: its name, for error messages.

    Raises:
        InputError: a key is missing or unknown, or has a value whose meaning the reference does not define.
    """
    import yaml

    document = parse_document(_NUMBER_AS_KEY.sub(r'\1"\2"\3', text), file)
    reader = _Reader(document)
    mesh = reader.mesh((TOP,))
    machine = {
        "name": str(document.data[TOP].get("name", "sanafe_chip")),
        "description": "imported from an architecture file of SANA-FE",
        "source": _SOURCE,
        "clock": {"value": "1 GHz", "source": f"{_CHOSEN} to express seconds in cycles"},
        "technology": {"value": "cmos_45nm", "source": f"{_CHOSEN}; every energy here is the file's own"},
        "components": {"mesh": mesh},
    }
    return str(yaml.safe_dump(machine, sort_keys=False, width=110))


class _Reader:
    """Walks one architecture file; component names are made unique by counting up."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.names = {"mesh"}

    def mesh(self, path: Path) -> dict[str, Any]:
        """The mesh with its tiles."""
        given = self.attributes(path, ("width", "height", "link_buffer_size", "sync_model", "latency_sync"))
        tiles = list(self.entries((*path, "tile")))
        hops = [self.hops(tile) for tile, _, _ in tiles]
        if any(each != hops[0] for each in hops):
            message = "tiles with different hops are not defined by the reference"
            raise InputError(message, self.document.position((*path, "tile")))
        return {
            "class": "spike_mesh",
            "width": self.needed(path, given, "width"),
            "height": self.needed(path, given, "height"),
            "link_buffer": self.needed(path, given, "link_buffer_size"),
            "hop_latency": {name: hops[0][f"latency_{name}_hop"] for name in _DIRECTIONS},
            "energy": {f"hop_{name}": hops[0][f"energy_{name}_hop"] for name in _DIRECTIONS},
            "barrier": self.barrier(path, given),
            "components": {
                self.unique(name): {"class": "container", "fanout": count, "components": self.cores(tile)}
                for tile, name, count in tiles
            },
        }

    def barrier(self, path: Path, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The cost of the end of a step: one value, or a table by tiles in use."""
        model = given.get("sync_model", "fixed")
        value = given.get("latency_sync", 0.0)
        place = self.document.position((*path, "attributes", "latency_sync"))
        if model == "table" and isinstance(value, dict):
            try:
                return [{"tiles": int(tiles), "latency": f"{float(time)} s"} for tiles, time in value.items()]
            except (TypeError, ValueError):
                raise InputError("latency_sync must be numbers of tiles with seconds", place) from None
        if model == "fixed" and isinstance(value, int | float):
            return [{"tiles": 0, "latency": f"{float(value)} s"}]
        message = f"sync_model {model!r} does not go with latency_sync {value!r}"
        raise InputError(message, place, "sync_model is 'fixed' with a number or 'table' with a mapping")

    def hops(self, tile: Path) -> dict[str, str]:
        """Energies and latencies of hops with their units."""
        keys = [f"{what}_{name}_hop" for what in ("energy", "latency") for name in _DIRECTIONS]
        given = self.attributes(tile, keys)
        return {key: self.amount(tile, given, key) for key in keys}

    def cores(self, tile: Path) -> dict[str, Any]:
        """The cores of a tile by name."""
        return {
            self.unique(name): self.core(path, count) for path, name, count in self.entries((*tile, "core"))
        }

    def core(self, path: Path, count: int) -> dict[str, Any]:
        """One kind of core with its units."""
        given = self.attributes(path, ("buffer_position", "buffer_inside_unit", "max_neurons_supported"))
        core: dict[str, Any] = {"class": "neuromorphic_core", "fanout": count}
        for ours, theirs in (
            ("neurons", "max_neurons_supported"),
            ("buffer", "buffer_position"),
            ("buffer_inside_unit", "buffer_inside_unit"),
        ):
            if theirs in given:
                core[ours] = given[theirs]
        if core.get("buffer", "soma") not in ("soma", "dendrite"):
            message = f"buffer_position {core['buffer']!r} is not modelled"
            place = self.document.position((*path, "attributes", "buffer_position"))
            raise InputError(message, place, "these are: soma, dendrite")
        core["components"] = {
            self.unique(name): {**self.unit(kind, unit), "fanout": many, **_called(kind, name)}
            for kind in _UNITS
            for unit, name, many in self.entries((*path, kind))
        }
        return core

    def unit(self, kind: str, path: Path) -> dict[str, Any]:
        """One unit of a core: class, latency, energy."""
        if kind == "soma":
            return self.soma(path)
        action, theirs = {
            "axon_in": ("message", "message_in"),
            "synapse": ("synaptic_op", "process_spike"),
            "dendrite": ("update", "update"),
            "axon_out": ("message", "message_out"),
        }[kind]
        keys = (f"energy_{theirs}", f"latency_{theirs}")
        given = self.attributes(path, (*keys, *(("model",) if kind in ("synapse", "dendrite") else ())))
        unit = {
            "class": kind,
            "energy": {action: self.amount(path, given, keys[0])},
            "latency": self.amount(path, given, keys[1]),
        }
        if kind == "synapse":
            self.known(path, given, {"current_based": "current_based"})
        if kind == "dendrite":
            unit["model"] = self.known(path, given, _DENDRITES)
        return unit

    def soma(self, path: Path) -> dict[str, Any]:
        """A soma unit."""
        theirs = {"access": "access_neuron", "update": "update_neuron", "spike": "spike_out"}
        keys = [f"{what}_{each}" for what in ("energy", "latency") for each in theirs.values()]
        given = self.attributes(path, ("model", *keys))
        return {
            "class": "soma",
            "models": [self.known(path, given, _NEURON_MODELS)],
            **{
                what: {ours: self.amount(path, given, f"{what}_{each}") for ours, each in theirs.items()}
                for what in ("energy", "latency")
            },
        }

    def known(self, path: Path, given: Mapping[str, Any], models: Mapping[str, str]) -> str:
        """What a ``model`` is called here."""
        model = self.needed(path, given, "model")
        if model not in models:
            place = self.document.position((*path, "attributes", "model"))
            raise InputError(f"model {model!r} is not known", place, did_you_mean(str(model), models))
        return models[model]

    def attributes(self, path: Path, known: tuple[str, ...] | list[str]) -> dict[str, Any]:
        """The attributes of an entry."""
        entry = self.document.value(path)
        given = entry.get("attributes") if isinstance(entry, dict) else None
        if not isinstance(given, dict):
            raise InputError("attributes are missing", self.document.position(path))
        for key in given:
            if key not in known and key not in _IGNORED:
                place = self.document.key_position((*path, "attributes", key))
                raise InputError(f"unknown attribute {key!r}", place, did_you_mean(str(key), known))
        return given

    def needed(self, path: Path, given: Mapping[str, Any], key: str) -> Any:
        """An attribute that has no default."""
        if key not in given:
            raise InputError(
                f"the attribute {key!r} is missing", self.document.position((*path, "attributes"))
            )
        return given[key]

    def amount(self, path: Path, given: Mapping[str, Any], key: str) -> str:
        """An energy or a latency with its unit; absent means zero, as in the tool."""
        value = given.get(key, 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            place = self.document.position((*path, "attributes", key))
            raise InputError(f"{key}: {value!r} is not a number", place)
        return f"{float(value)!r} {'J' if key.startswith('energy') else 's'}"

    def entries(self, path: Path) -> Iterator[tuple[Path, str, int]]:
        """The entries of a list: path, name without its range, how many the range stands for."""
        entries = self.document.value(path)
        if not isinstance(entries, list) or not entries:
            raise InputError(f"{path[-1]} must be a list of entries", self.document.position(path))
        for number, entry in enumerate(entries):
            name = entry.get("name") if isinstance(entry, dict) else None
            match = _NAME.match(str(name)) if name else None
            if match is None:
                hint = "write 'name: core' or 'name: core[0..3]'"
                raise InputError("an entry needs a name", self.document.position((*path, number)), hint)
            first, last = match["first"], match["last"]
            yield (*path, number), match["base"], 1 if first is None else int(last) - int(first) + 1

    def unique(self, name: str) -> str:
        """A component name like ``name`` that no other component has."""
        base = _NOT_A_NAME.sub("_", name)
        base = base if base[0].isalpha() or base[0] == "_" else f"_{base}"
        found, number = base, 2
        while found in self.names:
            found, number = f"{base}_{number}", number + 1
        self.names.add(found)
        return found


def _called(kind: str, name: str) -> dict[str, str]:
    """The name by which networks ask for a unit."""
    return {"unit": name} if kind in ("synapse", "dendrite", "soma") else {}
