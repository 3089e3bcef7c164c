"""How the core is compiled, and kept for later processes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import CellType, FunctionType
from typing import Any, TypeVar

from numba import njit

_SOURCES = (
    "dram/kernel/*.py",
    "dram/schedulers/*.py",
    "dram/controller.py",
    "pim/kernel/*.py",
    "pim/program.py",
)
Function = TypeVar("Function", bound=Callable[..., Any])


def _fingerprint() -> str:
    """One hash of the sources of all that is compiled here, and of the numbers it is compiled with."""
    digest = hashlib.sha256()
    engines = Path(__file__).parents[2]
    for pattern in _SOURCES:
        for file in sorted(engines.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()


_FINGERPRINT = CellType(_fingerprint())


def compiled(function: Function) -> Function:
    """``function`` compiled on its first call into those that call it, and kept for later processes.

    Without counting references: the core allocates nothing, and counting took five times as long as the work.
    Numba takes a kept function for good as long as its own file is as it was, though functions it calls may
    have changed in theirs; but it heeds the variables of an enclosing scope, so every function gets one: the
    sources.
    """
    return _compiled(function, {"forceinline": True})


def called(function: Function) -> Function:
    """As :func:`compiled`, but compiled once and called: for what is large or rarely needed."""
    return _compiled(function, {})


def _compiled(function: Function, more: dict[str, bool]) -> Function:
    code = function.__code__.replace(co_freevars=("_sources",))
    closure = (_FINGERPRINT,)
    enclosed = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, closure)
    enclosed.__doc__, enclosed.__module__ = function.__doc__, function.__module__
    enclosed.__qualname__ = function.__qualname__
    options: dict[str, Any] = {"cache": True, "error_model": "numpy", "_nrt": False, **more}
    made: Function = njit(**options)(enclosed)
    return made
