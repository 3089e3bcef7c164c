"""Beginning a description of one's own."""

from __future__ import annotations

from pathlib import Path

from hwsim.descriptions.registry import starter_of
from hwsim.spec.errors import InputError
from hwsim.spec.files import write_atomically


def begin(kind: str, name: str) -> Path:
    """Write the starter of ``kind``, called ``name``, to ``name.yaml`` in the current folder.

    Raises:
        InputError: a kind without a starter, no good name, or the file is there already.
    """
    text = starter_of(kind, name)
    path = Path(f"{name}.yaml")
    if path.exists() or path.is_symlink():
        raise InputError(f"{str(path)!r} is there already", hint="choose another name, or remove it first")
    write_atomically(path, text)
    return path
