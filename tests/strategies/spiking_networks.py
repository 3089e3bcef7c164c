"""Networks for the tests."""

from __future__ import annotations

import numpy as np

from hwsim.workload.spiking.network import Population, SpikingNetwork, synapse_order


def network(cores, edges, steps=20, model="lif", trains=None, **parameters):
    """A network; ``edges`` are (source, target, weight[, delay]), ``trains`` steps by neuron."""
    count = len(cores)
    columns = list(zip(*[(*edge, 0)[:4] for edge in edges], strict=True)) or [(), (), (), ()]
    source, target, delay = (np.array(columns[place], dtype=np.int64) for place in (0, 1, 3))
    weight = np.array(columns[2], dtype=np.float64)
    order = synapse_order(source, target, delay, weight)
    trains = trains or {}
    flat = [sorted(trains.get(neuron, ())) for neuron in range(count)]
    fed = np.array([int(neuron in trains) for neuron in range(count)], dtype=np.int64)
    return SpikingNetwork(
        timesteps=steps,
        ids=np.arange(count, dtype=np.int64),
        populations=(Population("cells", model=model), Population("inputs", model="input")),
        population=fed,
        parameters={
            name: np.where(fed == 1, np.nan, np.asarray(value, dtype=np.float64))
            for name, value in parameters.items()
        },
        cores=np.array(cores, dtype=np.int64),
        source=source[order],
        target=target[order],
        weight=weight[order],
        delay=delay[order],
        train_begin=np.concatenate(([0], np.cumsum([len(train) for train in flat]))).astype(np.int64),
        trains=np.array([step for train in flat for step in train], dtype=np.int64),
    )


def rasters(run):
    """Who fired, a list for each step."""
    return [run.fired[run.begin[t] : run.begin[t + 1]].tolist() for t in range(run.steps)]
