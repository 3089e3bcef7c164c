"""What happens on a chip and costs energy: the kinds of events, in the order in which runs count them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hwsim.engines.neuromorphic.chip import Chip
from hwsim.engines.neuromorphic.parts import DIRECTIONS

Bucket = Literal["synapse", "dendrite", "soma", "axon_in", "axon_out", "hop"]
NETWORK: tuple[Bucket, ...] = ("axon_in", "axon_out", "hop")
"""The buckets that make up what the SANA-FE reference calls network energy."""


@dataclass(frozen=True, slots=True)
class EventKind:
    """One ``action`` of one component, and the part of a core it belongs to."""

    component: str
    action: str
    bucket: Bucket


@dataclass(frozen=True, slots=True)
class Events:
    """``per_spike`` are counted by spike: the columns of the counts. ``somas`` are the soma components: each
    is accessed once a step for every neuron on it, and updated as the run says. ``waiting`` are dendrites
    whose buffer is updated once a step for every neuron.
    """

    per_spike: tuple[EventKind, ...]
    somas: tuple[str, ...]
    waiting: tuple[str, ...]

    def column(self, component: str, action: str) -> int:
        """The column of an action of a component."""
        return next(
            place
            for place, kind in enumerate(self.per_spike)
            if (kind.component, kind.action) == (component, action)
        )

    def columns(self, buckets: Iterable[Bucket]) -> list[int]:
        """The columns of some buckets."""
        wanted = set(buckets)
        return [place for place, kind in enumerate(self.per_spike) if kind.bucket in wanted]


def events_of(chip: Chip) -> Events:
    """Every kind of event of a chip."""
    kinds: list[EventKind] = []
    for core in chip.kinds:
        kinds += [EventKind(unit.component.name, "spike", "soma") for unit in core.somas]
        kinds.append(EventKind(core.axon_out.name, "message", "axon_out"))
        kinds.append(EventKind(core.axon_in.name, "message", "axon_in"))
        kinds += [EventKind(unit.component.name, "synaptic_op", "synapse") for unit in core.synapses]
        kinds += [EventKind(unit.component.name, "update", "dendrite") for unit in core.dendrites]
    kinds += [EventKind(chip.component.name, f"hop_{direction}", "hop") for direction in DIRECTIONS]
    return Events(
        per_spike=tuple(kinds),
        somas=tuple(unit.component.name for core in chip.kinds for unit in core.somas),
        waiting=tuple(
            unit.component.name
            for core in chip.kinds
            for unit in core.dendrites
            if core.attributes.buffer == "dendrite"
        ),
    )
