"""Networks in CSV tables: neurons, edges and input spikes, as hwsim's SANA-FE reference cases have them.

``neurons.csv``: ``id``, optional ``core``, ``unit``, ``population``, and a column for each parameter, blank:
default. ``edges.csv``: ``src,dst,weight``, optional ``delay``, ``port``. ``input_spikes.csv``: ``id,steps``,
the steps from 1 separated by blanks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hwsim.spec.errors import InputError, did_you_mean
from hwsim.workload.spiking.models import MODE_PARAMETERS, PARAMETERS, RESET_MODES
from hwsim.workload.spiking.network import Population, SpikingNetwork, synapse_order
from hwsim.workload.spiking.number_table import NumberTable, read_numbers

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Floats, Ints

_OWN_COLUMNS = ("id", "core", "unit", "population", "model")
_WORDS = frozenset({"unit", "population", "model", "steps", *MODE_PARAMETERS})


@dataclass(frozen=True, slots=True)
class NetworkTables:
    """The files of a network, and what it asks of the machine."""

    neurons: Path
    edges: Path
    input_spikes: Path | None
    timesteps: int
    synapse: str | None = None
    dendrite: str | None = None
    seed: int = 0


def read_network(tables: NetworkTables) -> SpikingNetwork:
    """The network in CSV tables.

    Raises:
        InputError: a file cannot be read, a cell is at fault, a neuron is there twice, or a synapse or spike
            train names a neuron that is not there.
    """
    import numpy as np

    neurons = read_numbers(tables.neurons, ("id",), _WORDS)
    order, ids = _ids(neurons)
    populations, population = _populations(neurons, order)
    edges = read_numbers(tables.edges, ("src", "dst", "weight"), _WORDS)
    source, target = _ends(edges, "src", ids), _ends(edges, "dst", ids)
    weight = edges.finite("weight")
    delay = edges.whole("delay", 0, 0) if "delay" in edges.numbers else np.zeros(len(weight), dtype=np.int64)
    port = edges.whole("port", 0, 0) if "port" in edges.numbers else None
    sort = synapse_order(source, target, delay, weight)
    begin, trains = _no_trains(ids) if tables.input_spikes is None else read_trains(tables.input_spikes, ids)
    free = np.full(len(ids), -1, dtype=np.int64)
    return SpikingNetwork(
        timesteps=tables.timesteps,
        ids=ids,
        populations=populations,
        population=population,
        parameters=_parameters(neurons, order),
        cores=neurons.whole("core", 0, -1)[order] if "core" in neurons.numbers else free,
        source=source[sort],
        target=target[sort],
        weight=weight[sort],
        delay=delay[sort],
        train_begin=begin,
        trains=trains,
        synapse=tables.synapse,
        dendrite=tables.dendrite,
        seed=tables.seed,
        port=None if port is None else port[sort],
    )


def _ids(neurons: NumberTable) -> tuple[Ints, Ints]:
    """The order of the rows by id, and the ids in it."""
    import numpy as np

    given = neurons.whole("id", 0)
    if len(given) == 0:
        raise InputError(f"{str(neurons.path)!r} has no neuron")
    order = np.argsort(given, kind="stable")
    ids = given[order]
    twice = np.flatnonzero(ids[1:] == ids[:-1])
    if len(twice):
        row = int(order[twice[0] + 1])
        raise InputError(f"neuron {given[row]} is here twice", neurons.place("id", row))
    return order, ids


def _populations(neurons: NumberTable, order: Ints) -> tuple[tuple[Population, ...], Ints]:
    """Neurons of one population name, unit and model; without a population column the unit names it."""
    import numpy as np

    count = len(order)
    units = neurons.words.get("unit", [""] * count)
    models = neurons.words.get("model", [""] * count)
    names = neurons.words.get("population") or [
        unit or model or "neurons" for unit, model in zip(units, models, strict=True)
    ]
    numbers: dict[tuple[str, str, str], int] = {}
    found = [
        numbers.setdefault((names[row], units[row], models[row]), len(numbers)) for row in order.tolist()
    ]
    populations = tuple(Population(name, unit or None, model or None) for name, unit, model in numbers)
    return populations, np.array(found, dtype=np.int64)


def _parameters(neurons: NumberTable, order: Ints) -> dict[str, Floats]:
    """The parameter columns; names of modes become their numbers."""
    import numpy as np

    found: dict[str, Floats] = {}
    for name, values in neurons.numbers.items():
        if name in _OWN_COLUMNS:
            continue
        if name not in PARAMETERS:
            place, hint = neurons.heading(name), did_you_mean(name, PARAMETERS)
            raise InputError(f"unknown parameter {name!r}", place, hint)
        if np.isinf(values).any():
            row = int(np.argmax(np.isinf(values)))
            raise InputError(f"{name} is infinite", neurons.place(name, row))
        found[name] = values[order]
    for name in MODE_PARAMETERS & neurons.words.keys():
        found[name] = np.array([_mode(neurons, name, row) for row in order.tolist()])
    return found


def _mode(neurons: NumberTable, name: str, row: int) -> float:
    word = neurons.words[name][row]
    if word and word not in RESET_MODES:
        hint = did_you_mean(word, RESET_MODES)
        raise InputError(f"{name}: unknown {word!r}", neurons.place(name, row), hint)
    return RESET_MODES[word] if word else float("nan")


def _ends(edges: NumberTable, column: str, ids: Ints) -> Ints:
    """The positions of the neurons that a column names."""
    import numpy as np

    wanted = edges.whole(column, 0)
    found = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    missing = ids[found] != wanted
    if missing.any():
        row = int(np.argmax(missing))
        message = f"{column}: there is no neuron {wanted[row]}"
        raise InputError(message, edges.place(column, row), f"neurons are {ids[0]} to {ids[-1]}")
    return np.asarray(found, dtype=np.int64)


def _no_trains(ids: Ints) -> tuple[Ints, Ints]:
    import numpy as np

    return np.zeros(len(ids) + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)


def read_trains(path: Path, ids: Ints) -> tuple[Ints, Ints]:
    """Where the spike train of each neuron begins, and the steps of all trains, ascending, each once.

    Raises:
        InputError: the table ``id,steps`` at ``path`` cannot be read, or names a neuron not in ``ids``.
    """
    import numpy as np

    counts = np.zeros(len(ids), dtype=np.int64)
    table = read_numbers(path, ("id", "steps"), _WORDS)
    rows = _ends(table, "id", ids)
    trains: list[list[int]] = [[] for _ in range(len(ids))]
    for row, neuron in enumerate(rows.tolist()):
        trains[neuron] += _steps(table, row)
    flat = [sorted(set(train)) for train in trains]
    counts[:] = [len(train) for train in flat]
    steps = np.array([step for train in flat for step in train], dtype=np.int64)
    return np.concatenate(([0], np.cumsum(counts))), steps


def _steps(table: NumberTable, row: int) -> list[int]:
    words = table.words["steps"][row].split()
    for word in words:
        if not word.isdigit() or int(word) < 1:
            message = f"steps: {word!r} is not a time step counted from 1"
            raise InputError(message, table.place("steps", row))
    return [int(word) for word in words]
