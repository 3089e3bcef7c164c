"""Which importer reads a file: found by being in this package, never listed by hand.

An importer is a module with ``SUFFIXES`` (the file name endings it reads; after a '/', a file by which it
knows a folder) and ``import_text(path, allow_unknown)``, which returns the workload as text in our own YAML.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

Importer = Callable[[Path, bool], str]


def importer_for(path: Path) -> Importer | None:
    """The importer for the file or folder at ``path``, or None where it is our own YAML."""
    return next((read for suffix, read in importers().items() if _ends(path, suffix)), None)


def _ends(path: Path, suffix: str) -> bool:
    """Whether the file's name ends so, or a folder has the file that a suffix with '/' names."""
    if suffix.startswith("/"):
        return (path / suffix[1:]).is_file()
    return path.name.lower().endswith(suffix)


@cache
def importers() -> dict[str, Importer]:
    """The importer of every file name ending."""
    package = importlib.import_module("hwsim.workload.importers")
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names if name != "registry"]
    return {suffix: module.import_text for module in modules for suffix in getattr(module, "SUFFIXES", ())}
