"""What a GPU's datasheet says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Datasheet:
    """One GPU; hertz, bytes, bytes/s, watts.

    ``peaks`` are dense operations per second by datatype (2 per multiply-add), at ``clock``;
    ``link_bandwidth`` is bytes/s to the other GPUs of a node in one direction, over the host where
    there are no links.
    """

    name: str
    architecture: str
    process_nm: float
    sms: int
    clock: float
    peaks: Mapping[str, float]
    memory: str
    bandwidth: float
    capacity: float
    l2: float
    shared_memory: float
    threads: int
    power: float
    link_bandwidth: float
