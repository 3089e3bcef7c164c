"""Computing points, one after another in one process; what does not change between them is kept."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from hwsim.arch.machine import Arch
from hwsim.explore.metrics import Outcome, failed, outcome_of
from hwsim.explore.point import Point
from hwsim.mapping.choices import MappingChoices
from hwsim.spec.document import Document
from hwsim.spec.errors import HwsimError
from hwsim.workload.workload import Workload


def evaluate(points: Sequence[Point]) -> list[Outcome]:
    """What becomes of each point: its metrics, or the message of what failed."""
    from hwsim.explore.fixed.dispatch import outcomes

    with _without_collection():
        found = outcomes(points)
        return [found[place] if place in found else outcome(point) for place, point in enumerate(points)]


def outcome(point: Point) -> Outcome:
    """What becomes of one point."""
    from hwsim.pipeline import simulate

    try:
        machine = machine_of(point)
        workload = workload_of(point.workload, point.workload_overrides)
        result = simulate(machine, workload, mapping_of(point.mapping), fidelity=point.fidelity)
        return outcome_of(result)
    except HwsimError as error:
        return failed(str(error))
    except MemoryError:
        return failed("there was not enough memory")
    except Exception as error:  # one bad point must not take the others with it
        where = traceback.extract_tb(error.__traceback__)[-1]
        return failed(f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})")


def machine_of(point: Point) -> Arch:
    """The machine of a point.

    Raises:
        InputError: a setting is at fault.
    """
    from hwsim.arch.load import apply_overrides, arch_of

    return arch_of(apply_overrides(_machine(point.machine), point.machine_overrides))


@lru_cache(maxsize=32)
def _machine(name: str) -> Document:
    from hwsim.arch.load import read_machine

    return read_machine(name)


@lru_cache(maxsize=64)
def workload_of(name: str, overrides: tuple[str, ...]) -> Workload:
    """The workload ``name`` with these settings; the last ones are kept.

    Raises:
        InputError: the file or a setting is at fault.
    """
    from hwsim.workload.load import load_workload

    return load_workload(name, overrides)


@lru_cache(maxsize=32)
def mapping_of(name: str) -> MappingChoices:
    """The mapping called ``name``.

    Raises:
        InputError: the file is at fault.
    """
    from hwsim.mapping.choices import load_mapping

    return load_mapping(name)


@contextmanager
def _without_collection() -> Iterator[None]:
    """No search for garbage while points are computed: the caches are large, and full searches cost more
    than points.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
        gc.collect(1)
