"""One point of the space of fused attention, as a plan has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hwsim.mapping.fused.configurations import FLAT, FUSEMAX, FUSEMAX_ARCH, FUSEMAX_CASCADE, Configuration
from hwsim.mapping.fused.dataflow import Dataflow

Fused = Literal["flat", "fusemax_cascade", "fusemax_arch", "fusemax"]
FUSED: Mapping[Fused, Configuration] = {
    "flat": FLAT,
    "fusemax_cascade": FUSEMAX_CASCADE,
    "fusemax_arch": FUSEMAX_ARCH,
    "fusemax": FUSEMAX,
}


@dataclass(frozen=True, slots=True)
class FusedAttention:
    """Attention in one step: the ``configuration`` (cascade, binding, overlap) in bands of ``rows`` queries.

    For ``flat`` also what stays in the grid (``stationarity``), which of Q, K, V and AV are ``resident`` in
    the buffer for a band, and whether its scores are. ``tile``: keys and queries of a tile of scores, where
    the grid leaves them open.
    """

    configuration: Fused
    rows: int
    stationarity: Literal["output", "weight"] = "output"
    resident: tuple[str, ...] = ()
    scores_resident: bool = True
    tile: tuple[int, int] | None = None

    @property
    def dataflow(self) -> Dataflow:
        """The choice in FLAT's space."""
        return Dataflow(self.rows, self.stationarity, frozenset(self.resident), self.scores_resident)

    def __str__(self) -> str:
        tiles = f", tiles of {self.tile[0]} keys x {self.tile[1]} queries" if self.tile else ""
        if self.configuration == "flat":
            return f"flat: {self.dataflow}{tiles}"
        return f"{self.configuration}: bands of {self.rows} queries stay, keys and values stream{tiles}"


def from_dataflow(choice: Dataflow) -> FusedAttention:
    """FLAT's choice as a plan has it."""
    resident = tuple(sorted(choice.resident))
    return FusedAttention("flat", choice.rows, choice.stationarity, resident, choice.scores_resident)
