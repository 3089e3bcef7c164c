"""The timeline as a Chrome trace, which ui.perfetto.dev and chrome://tracing open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsim.report.document import Operator, Run, as_run
from hwsim.spec.files import write_atomically

_MICROSECONDS = 1e6


def write_trace(result: dict[str, Any], path: Path) -> None:
    """Write the trace of a result document to ``path``, complete or not at all.

    Raises:
        InputError: not a result, or the file cannot be written.
    """
    write_atomically(path, json.dumps(trace(result), indent=1, allow_nan=False) + "\n")


def trace(result: dict[str, Any]) -> dict[str, Any]:
    """The trace: one process, one thread a component, one complete event an operator (times in microseconds).

    Format: "Trace Event Format" of the Chromium project, JSON object form.
    """
    run = as_run(result)
    threads = {
        name: number for number, name in enumerate(dict.fromkeys(op.component for op in run.ops), start=1)
    }
    events = [
        _name("process_name", 0, run.title),
        *(_name("thread_name", tid, name) for name, tid in threads.items()),
    ]
    events += [_event(op, threads[op.component]) for op in run.ops]
    return {"displayTimeUnit": "ns", "traceEvents": events, "otherData": dict(_about(run))}


def _name(what: str, thread: int, name: str) -> dict[str, Any]:
    return {"ph": "M", "pid": 1, "tid": thread, "name": what, "args": {"name": name}}


def _event(op: Operator, thread: int) -> dict[str, Any]:
    shown = op.model_dump(
        include={"kind", "bound_by", "cycles", "stalls", "macs", "dram_bytes", "energy_j", "mapping"}
    )
    return {
        "ph": "X",
        "pid": 1,
        "tid": thread,
        "ts": op.start_s * _MICROSECONDS,
        "dur": op.latency_s * _MICROSECONDS,
        "name": op.name,
        "cat": op.bound_by,
        "args": shown,
    }


def _about(run: Run) -> Iterator[tuple[str, str]]:
    yield "hwsim", run.hwsim
    yield "fidelity", run.fidelity
