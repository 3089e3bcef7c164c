"""How calls are started and timed: by the host on a CPU; eager or as a CUDA graph on a GPU."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hwsim.spec.errors import InputError, did_you_mean
from hwsim.validation.profiler.kernels import Run

LAUNCHES = {"cuda": ("graph", "eager"), "cpu": ("host",)}
"""Ways to start calls by device, the usual one first; what a table says in its column ``launch``."""
LEAST_CALLS = 10
"""Calls between two events: enough for their own latency, about a microsecond, not to count."""


@dataclass(frozen=True, slots=True)
class Batch:
    """So many ``calls`` at one go; ``seconds`` runs them and says how long all took."""

    calls: int
    seconds: Callable[[], float]


def launch_of(device: str, wanted: str) -> str:
    """The way to start calls: ``wanted``, or the usual one of the device.

    Raises:
        InputError: the device has no such way.
    """
    known = LAUNCHES[device]
    if wanted and wanted not in known:
        raise InputError(f"{device} has no launch {wanted!r}", hint=did_you_mean(wanted, known))
    return wanted or known[0]


def batch_of(runs: Sequence[Run], launch: str, torch: Any) -> Batch:
    """The runs in turn, over and over, as ``launch`` says.

    Raises:
        RuntimeError: the device cannot run or capture them.
    """
    if launch == "host":
        return Batch(len(runs), lambda: _on_host(runs))
    turns = list(runs) * -(-LEAST_CALLS // len(runs))
    replay = _captured(turns, torch) if launch == "graph" else lambda: _all(turns)
    return Batch(len(turns), lambda: _between_events(replay, torch))


def _all(runs: Sequence[Run]) -> None:
    for run in runs:
        run()


def _on_host(runs: Sequence[Run]) -> float:
    start = time.perf_counter()
    _all(runs)
    return time.perf_counter() - start


def _captured(runs: Sequence[Run], torch: Any) -> Run:
    """A CUDA graph of the runs; they have been run before, so that libraries are initialised."""
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        _all(runs)
    replay: Run = graph.replay
    return replay


def _between_events(run: Run, torch: Any) -> float:
    """Seconds on the stream."""
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    run()
    end.record()
    torch.cuda.synchronize()
    return float(start.elapsed_time(end)) * 1e-3
