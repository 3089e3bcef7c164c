"""How the core is compiled, and kept for later processes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import CellType, FunctionType
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def _fingerprint() -> str:
    """One hash of all the engine's sources."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


_FINGERPRINT = CellType(_fingerprint())


def compiled(function: Function) -> Function:
    """``function`` compiled on its first call and kept for later processes.

    Into its callers, and without counting references: the core allocates nothing, and counting took five
    times as long as the work.
    Numba takes a kept function for good as long as its own file is as it was, though functions it calls may
    have changed in theirs; but it heeds the variables of an enclosing scope, so every function gets one:
    the sources.
    """
    code = function.__code__.replace(co_freevars=("_sources",))
    enclosed = FunctionType(
        code, function.__globals__, function.__name__, function.__defaults__, (_FINGERPRINT,)
    )
    enclosed.__doc__, enclosed.__module__ = function.__doc__, function.__module__
    enclosed.__qualname__ = function.__qualname__
    options: dict[str, Any] = {"cache": True, "error_model": "numpy", "_nrt": False, "forceinline": True}
    made: Function = njit(**options)(enclosed)
    return made
