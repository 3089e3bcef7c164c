"""The timeline as a Chrome trace, which ui.perfetto.dev and chrome://tracing open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsim.report.document import Operator, Run, as_run
from hwsim.spec.files import write_atomically

Event = dict[str, Any]

STEPS = "steps"
"""The name of the track of the plan's steps; the other tracks are components."""
EARLY = ("fill", "spill")
LATE = ("drain",)
"""Causes of stalls at the beginning and at the end of an operator; the others lie somewhere in between."""

_MICROSECONDS = 1e6
_PROCESS = 1


def write_trace(result: dict[str, Any], path: Path) -> None:
    """Write the trace of a result document to ``path``, complete or not at all.

    Raises:
        InputError: not a result, or the file cannot be written.
    """
    write_atomically(path, json.dumps(trace(result), indent=1, allow_nan=False) + "\n")


def trace(result: dict[str, Any]) -> dict[str, Any]:
    """The trace: one process, one track for the steps and one a component; times in microseconds.

    A slice of a component's track is an operator, with what is known of it as arguments; the slices below it
    are its compute and its stalls by cause. How long each is, is known; where stalls lie between the compute
    cycles is not, so they stand together. An operator fused into another has no time of its own and spans its
    step. Format: "Trace Event Format" of the Chromium project, JSON object form.
    """
    run = as_run(result)
    names = [STEPS, *dict.fromkeys(op.component for op in run.ops)]
    tracks = {name: number for number, name in enumerate(names, start=1)}
    events = [_name("process_name", 0, run.title)]
    events += [_name("thread_name", track, name) for name, track in tracks.items()]
    steps = _steps(run)
    events += [_step(number, operators, tracks[STEPS]) for number, operators in steps.items()]
    for operators in steps.values():
        for op in operators:
            events += _operator(op, operators, tracks[op.component])
    events += _commands(run, len(names) + 1)
    return {"displayTimeUnit": "ns", "traceEvents": events, "otherData": dict(_about(run))}


def _steps(run: Run) -> dict[int, list[Operator]]:
    steps: dict[int, list[Operator]] = {}
    for op in run.ops:
        steps.setdefault(op.step, []).append(op)
    return steps


def _name(what: str, track: int, name: str) -> Event:
    return {"ph": "M", "pid": _PROCESS, "tid": track, "name": what, "args": {"name": name}}


def _slice(track: int, name: str, category: str, start: float, end: float, args: dict[str, Any]) -> Event:
    """A complete event from ``start`` to ``end`` seconds."""
    return {
        "ph": "X",
        "pid": _PROCESS,
        "tid": track,
        "ts": start * _MICROSECONDS,
        "dur": (end - start) * _MICROSECONDS,
        "name": name,
        "cat": category,
        "args": args,
    }


def _step(number: int, operators: list[Operator], track: int) -> Event:
    start, end = _span(operators)
    return _slice(track, f"step {number}", "step", start, end, {"operators": [op.name for op in operators]})


def _span(operators: list[Operator]) -> tuple[float, float]:
    return min(op.start_s for op in operators), max(op.end_s for op in operators)


def _operator(op: Operator, step: list[Operator], track: int) -> Iterator[Event]:
    shown = op.model_dump(
        include={"kind", "bound_by", "cycles", "stalls", "macs", "dram_bytes", "energy_j", "mapping"}
    )
    if op.latency_s == 0:
        start, end = _span(step)
        yield _slice(track, op.name, "fused" if end > start else op.bound_by, start, end, shown)
        return
    yield _slice(track, op.name, op.bound_by, op.start_s, op.end_s, shown)
    yield from _parts(op, track)


def _parts(op: Operator, track: int) -> Iterator[Event]:
    """What the operator's cycles went into, one after another; nothing where it never waited."""
    causes = [cause for cause, cycles in op.stalls.items() if cycles]
    if not causes:
        return
    middle = [cause for cause in causes if cause not in (*EARLY, *LATE)]
    cycles = {**op.stalls, "compute": op.compute_cycles}
    start, done = op.start_s, 0.0
    for part in (*_of(EARLY, causes), "compute", *middle, *_of(LATE, causes)):
        done += cycles[part]
        end = op.start_s + op.latency_s * min(1.0, done / op.cycles)
        name = part if part == "compute" else f"stall: {part}"
        yield _slice(track, name, name.partition(":")[0], start, end, {"cycles": cycles[part]})
        start = end


def _of(order: tuple[str, ...], causes: list[str]) -> list[str]:
    return [cause for cause in order if cause in causes]


def _commands(run: Run, first: int) -> Iterator[Event]:
    """A track for each bank of the channel whose commands are known; each takes a cycle of its clock."""
    if run.serving is None or run.serving.commands is None:
        return
    told = run.serving.commands
    banks = sorted(set(told.bank))
    yield from (
        _name("thread_name", first + at, f"channel {told.channel:.0f} bank {bank}")
        for at, bank in enumerate(banks)
    )
    tracks = {bank: first + at for at, bank in enumerate(banks)}
    for cycle, command, bank, row in zip(told.cycle, told.command, told.bank, told.row, strict=True):
        start = told.start_s + cycle * told.clock_period_s
        yield _slice(
            tracks[bank], command, "command", start, start + told.clock_period_s, {"row": row, "cycle": cycle}
        )


def _about(run: Run) -> Iterator[tuple[str, str]]:
    yield "hwsim", run.hwsim
    yield "fidelity", run.fidelity
