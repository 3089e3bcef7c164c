"""The ways in which machines run workloads: a module each, found by being here.

A module has ``WAY``, a :class:`hwsim.simulation.way.Way`.
"""

from __future__ import annotations

import importlib
import pkgutil

from hwsim.arch.machine import Arch
from hwsim.simulation.way import Way
from hwsim.workload.workload import Workload


def way_of(arch: Arch, workload: Workload) -> Way:
    """The way in which a machine runs a workload."""
    return next(way for way in _WAYS if way.runs(arch) and way.takes(workload))


def _found() -> tuple[Way, ...]:
    """All of them, the most particular first."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    ways: list[Way] = [importlib.import_module(f"{__name__}.{name}").WAY for name in names]
    return tuple(sorted(ways, key=lambda way: (-way.particular, way.name)))


_WAYS = _found()
