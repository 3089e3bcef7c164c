"""A study looked at before anything is run: every point's input, and how long all of it will take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.explore.evaluate import outcome
from hwsim.explore.point import Point
from hwsim.explore.space import Space
from hwsim.spec.errors import InputError

MOST_FAULTS = 20
_SAMPLES = 4


@dataclass(frozen=True, slots=True)
class Check:
    """What a dry run found: ``points`` and ``machines`` (different ones), what is wrong with which point, and
    the ``seconds`` a point took in a small sample (None where none could be run).
    """

    points: int
    machines: int
    faults: tuple[tuple[Point, str], ...]
    seconds: float | None


def check(space: Space) -> Check:
    """Read every machine and workload of the study as its points have them; time a few points.

    Raises:
        InputError: a formula cannot be computed.
    """
    seen: dict[tuple[str, str, tuple[str, ...]], str] = {}
    faults: list[tuple[Point, str]] = []
    samples: list[Point] = []
    count = 0
    spread = max(1, space.candidates // _SAMPLES)
    for point in space.points():
        count += 1
        wrong = next(filter(None, _faults(point, seen)), None)
        if wrong:
            faults.append((point, wrong))
        elif point.position % spread == 0:
            samples.append(point)
    machines = sum(kind == "machine" for kind, _, _ in seen)
    return Check(count, machines, tuple(faults), _seconds(samples[:_SAMPLES]))


def _faults(point: Point, seen: dict[tuple[str, str, tuple[str, ...]], str]) -> Iterator[str]:
    for kind, name, overrides in (
        ("machine", point.machine, point.machine_overrides),
        ("workload", point.workload, point.workload_overrides),
    ):
        key = (kind, name, overrides)
        if key not in seen:
            seen[key] = _fault(*key)
        yield seen[key]


def _fault(kind: str, name: str, overrides: tuple[str, ...]) -> str:
    """What is wrong with a machine or workload; nothing: an empty text."""
    from hwsim.arch.load import load_arch
    from hwsim.workload.load import load_workload

    try:
        load_arch(name, overrides) if kind == "machine" else load_workload(name, overrides)
    except InputError as error:
        return str(error)
    return ""


def _seconds(samples: list[Point]) -> float | None:
    """Seconds of a point, the first (which compiles and loads) left out where there are several."""
    times = []
    for point in samples:
        begin = time.perf_counter()
        outcome(point)
        times.append(time.perf_counter() - begin)
    counted = times[1:] or times
    return sum(counted) / len(counted) if counted else None
