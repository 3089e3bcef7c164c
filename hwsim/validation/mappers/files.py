"""The files that a reference of mappers is read from."""

from __future__ import annotations

from pathlib import Path

from hwsim.spec.errors import InputError


def reference_files(data: Path | None, shipped: Path, name: str) -> list[Path]:
    """``data`` itself, the files in it whose names begin with ``name`` where it is a folder, or ``shipped``.

    Raises:
        InputError: the folder has no such file.
    """
    if data is None or not data.is_dir():
        return [data or shipped]
    found = sorted(data.glob(f"{name}*.json"))
    if not found:
        raise InputError(f"there is no {name}*.json in {str(data)!r}")
    return found
