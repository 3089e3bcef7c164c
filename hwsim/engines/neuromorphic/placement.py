"""Placing neurons on cores: within what cores hold, with few messages, short ways, and work shared out.

What a network spikes does not depend on where its neurons are, so the first steps are run once, anywhere, and
tell how often each neuron fires. Then, for each of several numbers of cores: neurons are laid out with equal
work, layer after layer or side by side, moved to where most of what they hear is sent anyway (local
search over messages), and groups are swapped between cores so that messages have short ways. What takes
the least time is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hwsim.engines.neuromorphic.capacity import check_capacity, place_of
from hwsim.engines.neuromorphic.chip import Chip
from hwsim.engines.neuromorphic.demand import Demand, demand_of
from hwsim.engines.neuromorphic.placement_kernels import NOWHERE, WORK, fill, move, swap, tally
from hwsim.engines.neuromorphic.program import Program, program_of
from hwsim.engines.neuromorphic.run import run_network
from hwsim.spec.errors import InputError
from hwsim.workload.spiking.network import SpikingNetwork

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Floats, Ints

PASSES = 8
"""Most passes of each local search."""
SETTLED = 0.005
"""A pass that moves no more than this share of the neurons is the last."""
SLACK = 1.1
"""How much more than an equal share of the work a core may get for the sake of fewer messages."""
MOST_REACH = 100_000_000
"""Neurons x cores above which neurons stay in the order of their ids: the search's table would be too big."""
MOST_RUN, MOST_HEARD = 1_000_000, 50_000_000
"""Neurons x steps, and synapses x steps, up to which placements are compared by running them."""
MOST_SWAPPED = 512
"""Cores above which groups stay where they are."""


def placed(chip: Chip, network: SpikingNetwork) -> Ints:
    """The cores of a network's neurons, searched for where the network does not fix them.

    Raises:
        InputError: a neuron is fixed to a core that the chip does not have, or more is asked of a core, or of
            the whole chip, than there is room for.
    """
    beyond = np.flatnonzero(network.cores >= len(chip.cores))
    if len(beyond):
        neuron, core = network.ids[beyond[0]], network.cores[beyond[0]]
        message = (
            f"neuron {neuron} is on core {core}; {chip.arch.name!r} has cores 0 to {len(chip.cores) - 1}"
        )
        raise InputError(message)
    cores = network.cores if (network.cores >= 0).all() else _searched(chip, network)
    check_capacity(chip, network, cores)
    return cores


def round_robin(chip: Chip, network: SpikingNetwork) -> Ints:
    """Neuron after neuron on the next core: what a placement has to beat."""
    return np.arange(network.neurons, dtype=np.int64) % len(chip.cores)


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A placement: its time in seconds (of all steps, or of one), and messages x hops a step."""

    cores: Ints
    seconds: float
    way: float


def _searched(chip: Chip, network: SpikingNetwork) -> Ints:
    demand = demand_of(chip, network)
    by_id = np.arange(network.neurons)
    fewest = _filled(chip, network, demand, by_id, float("inf"))
    least = int(fewest.max()) + 1
    counts = sorted({min(least * 2**power, len(chip.cores)) for power in range(14)})
    tried = [
        cores
        for count in counts
        for order in (by_id, _side_by_side(network.neurons, count))
        for cores in _candidates(chip, network, demand, order, count)
    ]
    turns = round_robin(chip, network)
    if (network.cores < 0).all() and demand.fits(network.population, turns):
        tried.append(turns)
    found = [_rated(chip, network, demand, cores) for cores in tried]
    return min(found, key=lambda each: (each.seconds, each.way)).cores


def _side_by_side(neurons: int, count: int) -> Ints:
    """The order in which each of ``count`` stretches has a part of every layer, so all sorts of work."""
    order = np.argsort(np.arange(neurons) % count, kind="stable")
    return np.asarray(order, dtype=np.int64)


def _candidates(
    chip: Chip, network: SpikingNetwork, demand: Demand, order: Ints, count: int
) -> Iterator[Ints]:
    """Placements in an order that aim at ``count`` cores: as laid out, and with neurons moved."""
    work = demand.table[:, :WORK]
    cores = _filled(chip, network, demand, order, float(work.sum()) / count)
    yield _swapped(chip, network, demand, cores)
    if network.neurons * len(chip.cores) <= MOST_REACH:
        loads = np.zeros((len(chip.cores), WORK))
        np.add.at(loads, cores, work)
        heaviest = np.maximum(loads.max(axis=0), SLACK * work.sum(axis=0) / count)
        yield _swapped(chip, network, demand, _moved(network, demand, cores, heaviest))


def _filled(chip: Chip, network: SpikingNetwork, demand: Demand, order: Ints, share: float) -> Ints:
    cores = network.cores.copy()
    lost = fill(cores, order, network.population, demand.allowed, demand.table, demand.limit, share)
    if lost != NOWHERE:
        without = int((cores == NOWHERE).sum())
        raise InputError(
            f"the network does not fit {chip.arch.name!r}: {without} of its {network.neurons} neurons find "
            f"no core with room: {demand.scarcest}",
            place_of(chip.kinds[0], demand.scarcest_attribute),
            hint="take a larger chip or a smaller network",
        )
    return cores


def _moved(network: SpikingNetwork, demand: Demand, cores: Ints, heaviest: Floats) -> Ints:
    """Neurons moved to where most of what they hear is sent anyway."""
    cores = cores.copy()
    begin, target = network.synapse_begin, network.target.astype(np.int32)
    order = np.lexsort((network.source, network.target))
    in_begin = np.searchsorted(network.target[order], np.arange(network.neurons + 1)).astype(np.int64)
    sources = network.source[order].astype(np.int32)
    reach = tally(begin, target, cores, len(demand.limit))
    free = (network.cores < 0).astype(np.uint8)
    for _ in range(PASSES):
        if len(cores) * SETTLED >= move(
            cores,
            network.population,
            free,
            demand.allowed,
            demand.table,
            demand.limit,
            heaviest,
            in_begin,
            sources,
            demand.rate,
            reach,
        ):
            break
    return cores


def _swapped(chip: Chip, network: SpikingNetwork, demand: Demand, cores: Ints) -> Ints:
    """Groups on other cores of the same kind; where any neuron is fixed to its core, all stay."""
    count = len(chip.cores)
    if (network.cores >= 0).any() or count > MOST_SWAPPED or network.neurons * count > MOST_REACH:
        return cores
    used = np.unique(cores)
    group = np.full(count, -1)
    group[used] = np.arange(len(used))
    reach = tally(network.synapse_begin, network.target.astype(np.int32), cores, count)
    traffic = np.zeros((len(used), len(used)))
    np.add.at(traffic, group[cores], (reach[:, used] > 0) * demand.rate[:, None])
    both = traffic + traffic.T
    at = np.concatenate((used, np.setdiff1d(np.arange(count), used)))
    kinds = {kind.component.name: number for number, kind in enumerate(chip.kinds)}
    alike = np.array([kinds[core.kind.component.name] for core in chip.cores])
    for _ in range(PASSES):
        if not swap(at, alike, both, _distance(chip), len(used)):
            break
    return np.asarray(at[group[cores]])


def _distance(chip: Chip) -> Floats:
    """Hops between each two cores."""
    tiles = np.array([core.tile for core in chip.cores])
    x, y = tiles // chip.mesh.height, tiles % chip.mesh.height
    return np.asarray(np.abs(x[:, None] - x) + np.abs(y[:, None] - y), dtype=np.float64)


def _rated(chip: Chip, network: SpikingNetwork, demand: Demand, cores: Ints) -> _Candidate:
    """A placement with its time, run where that is quick and else expected, and the way of its messages."""
    program = program_of(chip, network, cores)
    rates = np.repeat(demand.rate, np.diff(program.cores.message_begin))
    hops = np.diff(program.routes.begin) - 1
    way = float((rates * hops[program.messages.route]).sum())
    steps = network.timesteps
    if network.neurons * steps <= MOST_RUN and network.synapses * steps <= MOST_HEARD:
        run = run_network(chip, network, cores)
        return _Candidate(cores, float((run.record.detailed + run.barrier).sum()), way)
    return _Candidate(cores, _expected(chip, demand, program, cores), way)


def _expected(chip: Chip, demand: Demand, program: Program, cores: Ints) -> float:
    """The expected seconds of a step: the busiest core, sending or receiving, and the barrier."""
    arrays, fan = program.cores, np.diff(program.cores.message_begin)
    own = demand.visits(arrays) + demand.rate * (arrays.spike_latency + fan * arrays.send_latency[cores])
    sent = np.bincount(cores, weights=own, minlength=len(chip.cores))
    heard = np.repeat(demand.rate, fan) * program.messages.delay
    received = np.bincount(program.messages.core, weights=heard, minlength=len(chip.cores))
    tiles = {chip.cores[core].tile for core in np.unique(cores)}
    return float(max(sent.max(), received.max(initial=0.0))) + chip.barrier(len(tiles))
