"""The limits of the models: what a machine may be, far beyond anything built, so that no count overflows.

The counts of cycles that mappings are compared by are 64-bit numbers: what is slow beyond all reason
beside the rest of the machine is refused rather than counted wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping

from hwsim.arch.component import Component
from hwsim.arch.memory import Dram, Memory
from hwsim.spec.document import Document
from hwsim.spec.errors import InputError, Position
from hwsim.spec.nodes import Path

MOST_INSTANCES = 2**32
"""How many instances of a component a machine may have."""
WIDEST_CLOCKS = 10_000
"""How many times as fast as any other component the fastest may be clocked."""
LONGEST_BYTE = 10_000
"""Cycles of the fastest clock that a memory may take for a byte."""


def check_limits(root: Component, places: Mapping[str, Path], document: Document) -> None:
    """Refuse a tree that is beyond the models; ``places`` are the paths of its components in ``document``.

    Raises:
        InputError: at the value that is beyond.
    """
    fastest = max(component.clock for component in root.walk())
    for component in root.walk():
        place = places[component.name]
        if component.instances > MOST_INSTANCES:
            message = f"{component.instances} instances of {component.name!r} are more than {MOST_INSTANCES}"
            raise InputError(f"{message}, the most hwsim models", document.position((*place, "fanout")))
        if fastest > WIDEST_CLOCKS * component.clock:
            message = f"{component.name!r} is clocked more than {WIDEST_CLOCKS} times slower than other parts"
            raise InputError(message, _clock_position(place, document))
        if _cycles_of_a_byte(component, fastest) > LONGEST_BYTE:
            message = f"{component.name!r} takes more than {LONGEST_BYTE} cycles of the fastest clock a byte"
            raise InputError(message, document.position((*place, "bandwidth")), "raise bandwidth or clock")


def _clock_position(place: Path, document: Document) -> Position:
    """Where a component's clock is given: in its own keys or at the nearest place above."""
    for length in range(len(place), -1, -2):
        here = place[:length]
        if document.value(here).get("clock") is not None:
            return document.position((*here, "clock"))
    return document.position()


def _cycles_of_a_byte(component: Component, clock: float) -> float:
    memory = component.attributes
    if not isinstance(memory, Memory) or memory.bandwidth is None:
        return 0.0
    reached = memory.efficiency if isinstance(memory, Dram) else 1.0
    return clock / (memory.bandwidth.per_second(component.clock) * reached)
