"""The harness: warm up, repeat, take the median, stop when the time is up. PyTorch is asked for only here."""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hwsim.engines.gpu.calls import Call
from hwsim.spec.errors import InputError
from hwsim.validation.profiler.kernels import DATATYPES, WEIGHTED, prepare
from hwsim.validation.profiler.launch import Batch, batch_of
from hwsim.validation.profiler.record import Profile, Timing

WARM_UP = 3
"""Runs before any is timed: lazy initialisation, caches, clocks."""
LEAST_REPEATS, MOST_REPEATS = 5, 100
ENOUGH_S = 0.2
"""Seconds of repeats after which a kernel is known well enough."""
COLD_COPIES = 5
"""Sets of weights cycled through where the caches are to be cold."""


@dataclass(frozen=True, slots=True)
class Options:
    """``device``: cuda or cpu; ``cold``: cycle through copies of the weights; ``budget_s`` for everything;
    ``launch`` as in the table.
    """

    device: str
    cold: bool
    budget_s: float
    launch: str = "host"


def load_torch() -> Any:
    """PyTorch.

    Raises:
        InputError: it is not installed.
    """
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise InputError(
            "measuring needs PyTorch, which is not installed", hint="pip install 'hwsim[profile]'"
        ) from error


def check_device(torch: Any, device: str) -> None:
    """Refuse a device that is not there.

    Raises:
        InputError: no such device.
    """
    if device not in ("cuda", "cpu"):
        raise InputError(f"there is no device {device!r}", hint="'cuda' or 'cpu'")
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("PyTorch finds no GPU here", hint="--device cpu measures the processor")


def measure(
    calls: Sequence[Call],
    profile: Profile,
    options: Options,
    torch: Any,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[tuple[Call, str]]:
    """Measure what ``profile`` has not; yields each call and what became of it.

    Stops when the budget is used up; what is measured by then is in the table.
    """
    begin = clock()
    for call in calls:
        if profile.has(call):
            yield call, "in the table already"
        elif clock() - begin > options.budget_s:
            yield call, "left out: the time is up"
        elif call.datatype not in DATATYPES:
            yield call, f"left out: no {call.datatype} in PyTorch alone"
        else:
            yield call, _measured(call, profile, options, torch)


def _measured(call: Call, profile: Profile, options: Options, torch: Any) -> str:
    try:
        timing = time_call(call, options, torch)
    except (RuntimeError, MemoryError) as error:
        return f"left out: {str(error).splitlines()[0]}"
    profile.add(call, timing, "cold" if copies(call, options) > 1 else "warm")
    return f"{timing.median * 1e6:.4g} us"


def time_call(call: Call, options: Options, torch: Any) -> Timing:
    """Time one kernel on the device.

    Raises:
        RuntimeError: the device cannot run it (too large, not implemented).
    """
    runs = prepare(call, torch, options.device, copies(call, options))
    with torch.inference_mode():
        for place in range(max(WARM_UP, len(runs))):
            runs[place % len(runs)]()
        found = list(_repeats(batch_of(runs, options.launch, torch)))
    state = _state(torch) if options.device == "cuda" else (None, None)
    return Timing(statistics.median(found), min(found), max(found), len(found), *state)


def copies(call: Call, options: Options) -> int:
    """Sets of weights that are cycled through; one where there are no weights, or caches may stay warm."""
    return COLD_COPIES if options.cold and call.operator in WEIGHTED else 1


def _repeats(batch: Batch) -> Iterator[float]:
    """Seconds of one call in each repeat."""
    spent = 0.0
    for place in range(MOST_REPEATS):
        if place >= LEAST_REPEATS and spent > ENOUGH_S:
            return
        seconds = batch.seconds()
        spent += seconds
        yield seconds / batch.calls


def _state(torch: Any) -> tuple[float | None, float | None]:
    """Clock in MHz and power in watts, where the driver tells them."""
    try:
        return float(torch.cuda.clock_rate()), float(torch.cuda.power_draw()) / 1e3
    except (RuntimeError, ImportError, AttributeError):
        return None, None


def device_name(torch: Any, device: str) -> str:
    """What the device calls itself."""
    import platform

    return (
        str(torch.cuda.get_device_name()) if device == "cuda" else platform.processor() or platform.machine()
    )
