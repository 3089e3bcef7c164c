"""The optimum as the ``hwsim mapper`` contract shows it."""

from __future__ import annotations

from typing import Any

from hwsim.mapping.one_buffer.model import Sizes
from hwsim.mapping.one_buffer.optimum import Optimum, divisor_optimum, optimum


def mapper_answer(problem: Sizes, capacity: int) -> dict[str, Any]:
    """Least words over all tiles and over those that divide, one best mapping of each, and the lower bound.

    Raises:
        InputError: a size out of range, or a capacity that holds no tile.
    """
    best, dividing = optimum(problem, capacity), divisor_optimum(problem, capacity)
    return {
        "optimal_dram_words": best.traffic.total,
        "optimal_dram_words_divisor_tiles": dividing.traffic.total,
        **_mapping(best, ""),
        "occupancy_words": best.tile.occupancy,
        "traffic": {
            name: getattr(best.traffic, name) for name in ("A_reads", "B_reads", "C_reads", "C_writes")
        },
        **_mapping(dividing, "_divisor"),
        "compulsory_words": problem.occupancy,
        "candidates": best.candidates + dividing.candidates,
    }


def _mapping(found: Optimum, suffix: str) -> dict[str, Any]:
    return {f"tile{suffix}": found.tile.as_json(), f"order{suffix}": "".join(found.order)}
