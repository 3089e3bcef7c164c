"""Results as the JSON contract and as lines of text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsim.schedule.buffers import Buffer
from hwsim.schedule.graph_file import schedule_as_json
from hwsim.schedule.scheduled import Scheduled, peak_bytes
from hwsim.schedule.timed_allocation import Allocated
from hwsim.spec.files import read_bytes


def file_input(path: Path) -> dict[str, str]:
    """Name and content hash of an input file."""
    return {"file": str(path), "hash": hashlib.sha256(read_bytes(path)).hexdigest()}


def schedule_answer(found: Scheduled) -> dict[str, Any]:
    """The keys of ``hwsim schedule --json``; ``gap`` is a share of the cost, 0 when proved.

    ``cost`` and ``lower_bound`` are what was made least: bytes, or 1e-18 seconds or joules.
    """
    result = found.result
    return {
        "status": str(result.status),
        "noncompulsory_bytes": result.noncompulsory_bytes,
        "compulsory_bytes": result.compulsory_bytes,
        "lower_bound_bytes": result.lower_bound_bytes,
        "gap": result.gap,
        "objective": found.objective,
        "cost": result.cost,
        "lower_bound": result.bound,
        "scratchpad_bytes": found.problem.scratchpad_bytes,
        "peak_bytes": peak_bytes(found.problem, result.steps),
        "peak_lower_bound_bytes": found.peak_lower_bound_bytes,
        "steps": schedule_as_json(result.steps),
        "solve_s": result.solve_s,
        "verified": result.verified,
    }


def schedule_text(found: Scheduled) -> Iterator[str]:
    """A summary, then one line a step: operator, fetches, write-backs, addresses."""
    problem, result = found.problem, found.result
    yield (
        f"{result.status}: {result.noncompulsory_bytes} non-compulsory bytes, {_bound_text(found)} "
        f"(gap {100 * (result.gap or 0):.2f} %), beside {result.compulsory_bytes} "
        f"compulsory ones; verified, {result.solve_s:.2f} s"
    )
    if found.peak_lower_bound_bytes is not None:
        yield (
            f"smallest scratchpad without a spill: {problem.scratchpad_bytes} bytes, "
            f"at least {found.peak_lower_bound_bytes} are needed"
        )
    for number, step in enumerate(result.steps):
        moved = [f"fetch {', '.join(step.fetch)}"] if step.fetch else []
        moved += [f"write back {', '.join(step.writeback)}"] if step.writeback else []
        yield f"{number:4d}  {step.op}  {'; '.join(moved)}".rstrip()
        for tensor, address in sorted(step.placements.items(), key=lambda item: item[1]):
            yield f"        [{address}, {address + problem.occupied_bytes(tensor)})  {tensor}"


def _bound_text(found: Scheduled) -> str:
    result = found.result
    if found.objective == "bytes":
        return f"lower bound {result.lower_bound_bytes}"
    scale = 1e-18 * (result.cost or 0), 1e-18 * (result.bound or 0)
    unit = {"time": "s", "energy": "J"}[found.objective]
    return f"{scale[0]:.6g} {unit}, lower bound {scale[1]:.6g} {unit}"


def allocation_answer(found: Allocated, buffers: tuple[Buffer, ...]) -> dict[str, Any]:
    """The keys of ``hwsim allocate --json``; without offsets the peak is null and nothing is verified.

    ``gap``: by how much of itself the peak may be above the lowest there is; a given capacity asks for none.
    """
    return {
        "status": str(found.allocation.status),
        "offsets": found.allocation.offsets,
        "peak": _peak(found, buffers),
        "lower_bound_bytes": found.lower_bound_bytes,
        "gap": _peak_gap(found, buffers),
        "solve_s": found.solve_s,
        "verified": found.allocation.found,
    }


def allocation_text(found: Allocated, buffers: tuple[Buffer, ...]) -> str:
    """One line about a packing: how high it reaches and must reach."""
    reached = f"peak {_peak(found, buffers)} bytes, verified, lower bound {found.lower_bound_bytes} bytes"
    return f"{found.allocation.status}: {reached}, {found.solve_s:.2f} s"


def _peak(found: Allocated, buffers: tuple[Buffer, ...]) -> int | None:
    return found.allocation.peak(buffers) if found.allocation.found else None


def _peak_gap(found: Allocated, buffers: tuple[Buffer, ...]) -> float | None:
    """``(peak - bound) / peak``; 0 when the peak is proved lowest, None without a packing."""
    peak = _peak(found, buffers)
    if peak is None:
        return None
    return (peak - found.lower_bound_bytes) / peak if peak else 0.0
