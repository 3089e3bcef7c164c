"""Results as the JSON contract and as lines of text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsim.schedule.allocation import Allocation
from hwsim.schedule.buffers import Buffer
from hwsim.schedule.graph_file import schedule_as_json
from hwsim.schedule.problem import Problem
from hwsim.schedule.solve import ScheduleResult
from hwsim.spec.files import read_bytes


def file_input(path: Path) -> dict[str, str]:
    """Name and content hash of an input file."""
    return {"file": str(path), "hash": hashlib.sha256(read_bytes(path)).hexdigest()}


def schedule_answer(result: ScheduleResult) -> dict[str, Any]:
    """The keys of ``hwsim schedule --json``; ``gap`` is a share of the cost, 0 when proved."""
    return {
        "status": str(result.status),
        "noncompulsory_bytes": result.noncompulsory_bytes,
        "compulsory_bytes": result.compulsory_bytes,
        "lower_bound_bytes": result.lower_bound_bytes,
        "gap": result.gap,
        "steps": schedule_as_json(result.steps),
        "solve_s": result.solve_s,
        "verified": result.verified,
    }


def schedule_text(problem: Problem, result: ScheduleResult) -> Iterator[str]:
    """A summary, then one line a step: operator, fetches, write-backs, addresses."""
    yield (
        f"{result.status}: {result.noncompulsory_bytes} non-compulsory bytes, lower bound "
        f"{result.lower_bound_bytes} (gap {100 * (result.gap or 0):.2f} %), beside {result.compulsory_bytes} "
        f"compulsory ones; verified, {result.solve_s:.2f} s"
    )
    for number, step in enumerate(result.steps):
        moved = [f"fetch {', '.join(step.fetch)}"] if step.fetch else []
        moved += [f"write back {', '.join(step.writeback)}"] if step.writeback else []
        yield f"{number:4d}  {step.op}  {'; '.join(moved)}".rstrip()
        for tensor, address in sorted(step.placements.items(), key=lambda item: item[1]):
            yield f"        [{address}, {address + problem.occupied_bytes(tensor)})  {tensor}"


def allocation_answer(found: Allocation, buffers: tuple[Buffer, ...], solve_s: float) -> dict[str, Any]:
    """The keys of ``hwsim allocate --json``; without offsets the peak is null and nothing is verified."""
    return {
        "status": str(found.status),
        "offsets": found.offsets,
        "peak": found.peak(buffers) if found.offsets else None,
        "solve_s": solve_s,
        "verified": bool(found.offsets),
    }
