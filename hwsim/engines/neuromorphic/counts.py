"""Everything that a run did, counted: by step, and by population."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hwsim.engines.neuromorphic.events import EventKind
from hwsim.engines.neuromorphic.run import SpikeRun

if TYPE_CHECKING:
    from hwsim.workload.spiking.network import Ints, SpikingNetwork


@dataclass(frozen=True, eq=False)
class Counts:
    """How often each kind of event (columns) happened in each step or population (rows)."""

    kinds: tuple[EventKind, ...]
    table: Ints

    def of(self, *buckets: str) -> Ints:
        """Events of some buckets together, by row."""
        columns = [place for place, kind in enumerate(self.kinds) if kind.bucket in buckets]
        return np.asarray(self.table[:, columns].sum(axis=1))


def counts_by_step(run: SpikeRun) -> Counts:
    """What each time step did."""
    events, record = run.program.events, run.record
    accesses = np.tile(np.bincount(run.program.placing.somas, minlength=len(events.somas)), (run.steps, 1))
    waiting = np.tile(_waiting(run).sum(axis=0), (run.steps, 1))
    return Counts(_kinds(run), np.hstack([record.events, accesses, record.updates, waiting]))


def counts_by_population(run: SpikeRun, network: SpikingNetwork) -> Counts:
    """What the neurons of each population did: visits, updates, and all that their spikes set off."""
    record, somas = run.record, len(run.program.events.somas)
    each = len(network.populations)
    placed = np.zeros((network.neurons, somas), dtype=np.int64)
    placed[np.arange(network.neurons), run.program.placing.somas] = 1
    parts = (
        run.program.neurons.actions * record.spikes_of[:, None],
        placed * run.steps,
        placed * record.updates_of[:, None],
        _waiting(run) * run.steps,
    )
    table = np.zeros((each, sum(part.shape[1] for part in parts)), dtype=np.int64)
    np.add.at(table, network.population, np.hstack(parts))
    return Counts(_kinds(run), table)


def _kinds(run: SpikeRun) -> tuple[EventKind, ...]:
    events = run.program.events
    return (
        *events.per_spike,
        *(EventKind(name, "access", "soma") for name in events.somas),
        *(EventKind(name, "update", "soma") for name in events.somas),
        *(EventKind(name, "update", "dendrite") for name in events.waiting),
    )


def _waiting(run: SpikeRun) -> Ints:
    """Neurons (rows) on cores whose dendrites (columns) are updated once a step."""
    names, used = run.program.events.waiting, run.program.dendrites
    table = np.zeros((len(used), len(names)), dtype=np.int64)
    for column, name in enumerate(names):
        table[:, column] = used == name
    return table
