"""Run SANA-FE on one network: the folder of a case in, one JSON line out.

Runs with the interpreter of an environment that has sanafe==2.2.9, never with ours:
``PEER/bin/python benchmarks/sanafe_peer.py FOLDER STEPS``. FOLDER has ``arch.yaml``, ``neurons.csv`` and
``edges.csv``. ``load_s`` is building the network through its Python interface, ``run_s`` its own run without
traces.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path

import sanafe


def build(folder: Path) -> sanafe.SpikingChip:
    """The chip with the network of ``folder`` loaded."""
    arch = sanafe.load_arch(str(folder / "arch.yaml"))
    cores = [core for tile in arch.tiles for core in tile.cores]
    neurons = list(csv.DictReader((folder / "neurons.csv").open(encoding="utf-8")))
    network = sanafe.Network()
    group = network.create_neuron_group("n", len(neurons), {}, "dense", "acc", soma_hw_name="lif")
    for number, row in enumerate(neurons):
        given = {key: float(row[key]) for key in ("bias", "leak_decay", "threshold")}
        group.neurons[number].set_attributes(model_attributes=given)
        group.neurons[number].map_to_core(cores[int(row["core"])])
    edges = list(csv.reader((folder / "edges.csv").open(encoding="utf-8")))[1:]
    pairs = [(int(edge[0]), int(edge[1])) for edge in edges]
    group.connect_neurons_sparse(group, {"weight": [float(edge[2]) for edge in edges]}, pairs)
    chip = sanafe.SpikingChip(arch)
    chip.load(network)
    return chip


def main() -> None:
    """Print what the run took and what it found."""
    started = time.perf_counter()
    chip = build(Path(sys.argv[1]))
    loaded = time.perf_counter()
    found = chip.sim(int(sys.argv[2]), timing_model="detailed", processing_threads=1)
    done = time.perf_counter()
    answer = {
        "load_s": loaded - started,
        "run_s": done - loaded,
        "energy_j": found["energy"]["total"],
        "latency_s": found["sim_time"],
        "synaptic_ops": found["spikes"],
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
