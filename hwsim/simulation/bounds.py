"""Lower bounds: what no schedule on this machine can beat.

Compute: all multiply-accumulates on all units all the time; vector work on all lanes. Memory: compulsory
traffic, every tensor that starts or must end in the outermost memory crosses its boundary once, in the
elements that are touched at all, at the full (efficiency included) bandwidth.
"""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.mapping.least import least_read_bytes
from hwsim.mapping.vector import touched_bytes
from hwsim.workload.workload import Workload

OUTSIDE = ("input", "weight", "state")
"""Kinds of tensors that are in the outermost memory before the run."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes read from a memory, and bytes written to it."""

    reads: int = 0
    writes: int = 0

    @property
    def bytes(self) -> int:
        """Both ways together."""
        return self.reads + self.writes

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(self.reads + other.reads, self.writes + other.writes)


def compulsory_traffic(workload: Workload) -> dict[str, Traffic]:
    """For each operator, what must cross the outermost boundary for it: outside tensors, read by their first
    reader, and results that outlive the run.
    """
    written = _written_states(workload)
    seen: set[str] = set()
    found: dict[str, Traffic] = {}
    for op in workload.operators:
        reads = writes = 0
        for part in op.inputs:
            tensor = workload.tensors[part.tensor]
            if tensor.kind in OUTSIDE and tensor.name not in seen:
                seen.add(tensor.name)
                made = 0 if workload.producers.get(tensor.name) == op.name else written.get(tensor.name, 0)
                reads += max(0, least_read_bytes(op, part, workload.tensors) - made)
        for part in op.outputs:
            if workload.tensors[part.tensor].kind in ("output", "state"):
                writes += touched_bytes(op, part, workload.tensors)
        found[op.name] = Traffic(reads, writes)
    return found


def _written_states(workload: Workload) -> dict[str, int]:
    """Bytes of each state that the run itself makes, and that a later reader may find on the chip."""
    return {
        part.tensor: touched_bytes(op, part, workload.tensors)
        for op in workload.operators
        for part in op.outputs
        if workload.tensors[part.tensor].kind == "state"
    }
