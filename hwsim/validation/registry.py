"""Which reference comparisons there are: modules of ``validation.references``, never listed by hand.

A reference is a module with ``compare(data: Path | None) -> Comparison``. What the package ships for it is
the file or the folder of its name in ``validation/data``; without that it needs ``--data``.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.files import read_bytes
from hwsim.validation.comparison import Comparison

Compare = Callable[[Path | None], Comparison]
SHIPPED = Path(__file__).parent / "data"


@cache
def references() -> dict[str, Compare]:
    """Every comparison by its name."""
    package = importlib.import_module("hwsim.validation.references")
    modules = {
        module.name: importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    }
    return {name: module.compare for name, module in modules.items() if hasattr(module, "compare")}


def shipped_data(name: str) -> Path | None:
    """The file or folder that the package ships for a reference."""
    return next((path for path in sorted(SHIPPED.iterdir()) if path.stem == name), None)


def compare_with(name: str, data: Path | None = None) -> Comparison:
    """The comparison called ``name`` on ``data``, or on what the package ships.

    Raises:
        InputError: there is no such comparison, it ships no data and none is given, or the data is at fault.
    """
    if name not in references():
        raise InputError(f"there is no reference {name!r}", hint=did_you_mean(name, references()))
    if data is None and shipped_data(name) is None:
        hint = f"hwsim validate {name} --data PATH"
        raise InputError(f"hwsim ships no data for {name!r}: say where it is", hint=hint)
    return references()[name](data)


def compare_all() -> tuple[Comparison, ...]:
    """Every comparison whose data the package ships, by name."""
    return tuple(compare_with(name) for name in sorted(references()) if shipped_data(name))


def without_data() -> tuple[str, ...]:
    """The comparisons that need ``--data``, by name."""
    return tuple(name for name in sorted(references()) if not shipped_data(name))


def inputs_of(name: str, data: Path | None) -> dict[str, Any]:
    """The data of a comparison with the hash of its content; of a folder, that of its files by name.

    Raises:
        InputError: a file cannot be read.
    """
    path = data or shipped_data(name)
    if path is None:
        return {}
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(read_bytes(file)).digest())
    return {name: {"file": str(path), "hash": digest.hexdigest()}}
