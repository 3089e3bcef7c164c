"""Which models computed a point: a hash of everything in the package that numbers come from."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from hwsim.spec.library import FOLDERS, library_root

_LOOKS_ONLY = frozenset({"cli", "report", "explore", "descriptions", "validation", "_library", "__pycache__"})
"""Rooms that show, compare or ask, and compute no metric."""


@cache
def model_version() -> str:
    """The hash of the sources and tables of all models; a point computed by others is computed anew."""
    package = Path(__file__).resolve().parents[1]
    rooms = sorted(each for each in package.iterdir() if each.is_dir() and each.name not in _LOOKS_ONLY)
    files = [package / "pipeline.py", *(file for room in rooms for file in _sources(room, package))]
    tables = library_root() / FOLDERS["technology"]
    digest = hashlib.sha256()
    for file in (*files, *sorted(tables.rglob("*.yaml"))):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _sources(room: Path, package: Path) -> list[Path]:
    files = (file for ending in ("*.py", "*.yaml") for file in room.rglob(ending))
    return sorted(file for file in files if not _LOOKS_ONLY & set(file.relative_to(package).parts))
