"""The answer about a cascade as plain data: passes, why, and bounds where sizes are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.evidence import BarrierChain, evidence
from hwsim.einsum.live import live_elements, live_fiber
from hwsim.einsum.passes import Analysis, analyse
from hwsim.einsum.sizes import check_tile, complete_sizes
from hwsim.einsum.traffic import TrafficBound, traffic_bound
from hwsim.workload.tensor import bits_of


def cascade_answer(
    cascade: Cascade,
    sizes: Mapping[str, int],
    tile: Mapping[str, int],
    buffer_bytes: int | None,
    datatype: str,
) -> dict[str, Any]:
    """What ``hwsim cascade`` answers.

    Args:
        cascade: what is asked about.
        sizes: sizes of ranks and families; empty for the passes alone.
        tile: how many coordinates of a leaf rank are processed at once, 1 where it says nothing.
        buffer_bytes: what fits on chip; None for no limit.
        datatype: of every tensor.

    Returns:
        ``passes`` by rank, ``tensors`` by name and rank, ``why`` by rank; with sizes also ``live`` and
        ``bounds``, in bytes.

    Raises:
        InputError: sizes that do not fit the ranks, or an unknown datatype.
    """
    analysis = analyse(cascade)
    found: dict[str, Any] = {
        "name": cascade.name,
        "description": cascade.description,
        "einsums": [str(einsum) for einsum in cascade.einsums],
        "passes": analysis.passes,
        "tensors": {
            tensor: {rank: passes.as_json() for rank, passes in by_rank.items()}
            for tensor, by_rank in analysis.tensors.items()
        },
        "why": {rank: _chain_data(cascade, chain) for rank, chain in evidence(analysis).items()},
    }
    if sizes:
        check_tile(cascade, tile)
        found |= _sized(analysis, complete_sizes(cascade, sizes), tile, buffer_bytes, datatype)
    return found


def _chain_data(cascade: Cascade, chain: BarrierChain) -> dict[str, Any]:
    steps = [
        {"einsum": str(cascade.einsums[step.position]), "pass": step.number, "complete": list(step.complete)}
        for step in chain.steps
    ]
    return {"tensor": chain.tensor, "steps": steps}


def _sized(
    analysis: Analysis,
    sizes: Mapping[str, int],
    tile: Mapping[str, int],
    buffer_bytes: int | None,
    datatype: str,
) -> dict[str, Any]:
    bits = bits_of(datatype)
    live = live_elements(analysis, sizes, tile)
    return {
        "sizes": dict(sizes),
        "datatype": datatype,
        "live": {tensor: _live_data(analysis, sizes, tensor, live[tensor], bits) for tensor in live},
        "bounds": {
            "buffer_bytes": buffer_bytes,
            **_bound_data(traffic_bound(analysis, sizes, buffer_bytes, bits)),
        },
    }


def _live_data(
    analysis: Analysis, sizes: Mapping[str, int], tensor: str, elements: int, bits: int
) -> dict[str, Any]:
    ranks = analysis.tensors.get(tensor, {})
    fibers = {rank: _bytes(live_fiber(analysis, sizes, tensor, rank), bits) for rank in ranks}
    return {"bytes": _bytes(elements, bits), "fiber_bytes": fibers}


def _bound_data(bound: TrafficBound) -> dict[str, Any]:
    return {
        "compulsory_bytes": bound.compulsory_bytes,
        "lower_bound_bytes": bound.lower_bound_bytes,
        "lower_bound_without_recomputation_bytes": bound.lower_bound_without_recomputation_bytes,
        "tensors": {
            tensor: {
                "compulsory_bytes": each.compulsory,
                "revisit_bytes": each.revisits,
                "spill_bytes": each.spills,
            }
            for tensor, each in bound.tensors.items()
        },
    }


def _bytes(elements: int, bits: int) -> int:
    return -(-elements * bits // 8)
