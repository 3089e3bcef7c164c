"""The published ways to run attention on two arrays, as data.

Source: FuseMax, Nayak et al., arXiv 2406.10491, and its artifact: cascades, bindings and what overlaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stage = tuple[str, ...]
"""Einsums that run at the same time, those of each array one after another on it."""
Phase = tuple[Stage, ...]
"""Stages one after another, with DRAM transfers beside all of them."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Which cascade, which Einsums on the grid (the others are on the lanes), and what overlaps.

    ``machine`` names the machine it was published for, with ``settings`` of its own.
    ``tiling`` says how tensors are cut and what stays on chip: ``blocks`` (each phase on its own),
    ``dataflow`` (FLAT's space, searched), ``band`` (rows of queries that stay, keys that stream).
    ``exposed_fills``: fills of the grid that nothing hides, for each tile of scores.
    ``chained``: operations that cost no cycle, as the unit after them takes their result in flight.
    ``steps``: the Einsums that walk over the scores together, so that what is spilled moves between them.
    """

    name: str
    machine: str
    cascade: str
    grid: frozenset[str]
    phases: tuple[Phase, ...]
    tiling: Literal["blocks", "dataflow", "band"]
    exposed_fills: int = 0
    chained: frozenset[str] = frozenset()
    steps: tuple[tuple[str, ...], ...] = ()
    settings: tuple[str, ...] = ()

    @property
    def einsums(self) -> tuple[str, ...]:
        """Every Einsum, in the order of the stages."""
        return tuple(name for phase in self.phases for stage in phase for name in stage)


MATMULS = frozenset({"QK", "AV"})
SOFTMAX = ("GM", "SN", "SD", "A")
SOFTMAX_STEPS = (("QK",), ("GM",), ("SN", "SD"), ("A",), ("AV",))
ONE_PASS = ("BQK", "LM", "RM", "SLN", "SLD", "SLNV", "PRM", "SPD", "RD", "SPNV", "RNV", "AV")
FUSEMAX_GRID = frozenset({"BQK", "LM", "SLN", "SLD", "SLNV"})

UNFUSED = Configuration(
    name="unfused",
    machine="flat_cloud",
    cascade="attention_3pass",
    grid=MATMULS,
    phases=((("QK",),), (SOFTMAX,), (("AV",),)),
    tiling="blocks",
    chained=frozenset({"subtract"}),
)
FLAT = Configuration(
    name="flat",
    machine="flat_cloud",
    cascade="attention_3pass",
    grid=MATMULS,
    phases=((("QK", *SOFTMAX, "AV"),),),
    tiling="dataflow",
    chained=frozenset({"subtract"}),
    steps=SOFTMAX_STEPS,
)
FUSEMAX_CASCADE = Configuration(
    name="fusemax_cascade",
    machine="flat_cloud",
    cascade="attention_1pass",
    grid=frozenset({"BQK", "SLNV"}),
    phases=((ONE_PASS,),),
    tiling="band",
    settings=("global_buffer.capacity=16 MiB",),
)
FUSEMAX_ARCH = Configuration(
    name="fusemax_arch",
    machine="fusemax_cloud",
    cascade="attention_1pass",
    grid=FUSEMAX_GRID,
    phases=((("BQK", "LM", "RD", "AV"), ("RM",), ("SLN", "SLD", "PRM", "SPD"), ("SLNV", "SPNV", "RNV")),),
    tiling="band",
    exposed_fills=1,
)
FUSEMAX = Configuration(
    name="fusemax",
    machine="fusemax_cloud",
    cascade="attention_1pass",
    grid=FUSEMAX_GRID,
    phases=((("BQK", "LM", "RD", "RNV", "AV"), ("RM",), ("SLN", "SLD", "PRM", "SPD"), ("SLNV", "SPNV")),),
    tiling="band",
)

CONFIGURATIONS = {each.name: each for each in (UNFUSED, FLAT, FUSEMAX_CASCADE, FUSEMAX_ARCH, FUSEMAX)}
