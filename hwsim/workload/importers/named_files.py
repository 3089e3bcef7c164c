"""Files that an imported workload names beside the file it was made of: named anew from where it is kept."""

from __future__ import annotations

import os
from pathlib import Path

_KEYS = ("arrays", "neurons", "edges", "input_spikes")
"""Keys at the top of a workload whose values are names of files."""


def named_from(text: str, path: Path, folder: Path) -> str:
    """``text`` with files that it names from the folder of ``path`` (or ``path``, a folder) named from
    ``folder``.
    """
    home = path.resolve() if path.is_dir() else path.resolve().parent
    if home == folder.resolve():
        return text
    return "".join(_renamed(line, home, folder.resolve()) for line in text.splitlines(keepends=True))


def _renamed(line: str, home: Path, folder: Path) -> str:
    from hwsim.spec.document import parse_document
    from hwsim.workload.text import workload_text

    key = line.partition(":")[0]
    name = parse_document(line, "").data[key] if key in _KEYS else None
    if not isinstance(name, str):
        return line
    return workload_text({key: os.path.relpath(home / name, folder)}, {})
