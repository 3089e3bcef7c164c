"""The shipped descriptions: machines, workloads, mappings and technology tables, by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from hwsim.spec.errors import InputError, did_you_mean

Kind = Literal["arch", "technology", "dram", "dram_standard", "workload", "cascade", "mapping", "study"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A library file: its name, the folder it is in (relative to that of its kind), and its path."""

    name: str
    folder: str
    path: Path


FOLDERS: dict[Kind, str] = {
    "arch": "arch_configs",
    "technology": "arch_configs/technology",
    "dram": "arch_configs/technology/dram",
    "dram_standard": "arch_configs/technology/dram/standards",
    "workload": "workloads",
    "cascade": "workloads/cascades",
    "mapping": "mapping",
    "study": "arch_configs/studies",
}


def find(kind: Kind, name_or_path: str) -> Path:
    """The file that a user means: an existing file, else the library's, else the path as given (a folder).

    Raises:
        InputError: a name, not a path, that the library does not know.
    """
    path = Path(name_or_path)
    if _is_file(path):
        return path
    entries = {entry.name: entry.path for entry in names(kind)}
    if name_or_path in entries:
        return entries[name_or_path]
    if path.suffix or path.name != name_or_path or (name_or_path and _is_folder(path)):
        return path  # reading it says why it cannot be read
    hint = did_you_mean(name_or_path, entries)
    raise InputError(f"there is no {kind} {name_or_path!r}, neither a file nor in the library", hint=hint)


def names(kind: Kind) -> list[Entry]:
    """The library's files of a kind, sorted by folder and name; what belongs to a kind below is left out."""
    return list(_shelf(kind, library_root()))


@lru_cache(maxsize=64)
def _shelf(kind: Kind, root: Path) -> tuple[Entry, ...]:
    """The files of a kind below ``root``; what is shipped does not change while a process runs."""
    top = root / FOLDERS[kind]
    inner = [root / folder for folder in FOLDERS.values() if folder.startswith(FOLDERS[kind] + "/")]
    files = [file for file in top.rglob("*.yaml") if not any(file.is_relative_to(folder) for folder in inner)]
    entries = [Entry(file.stem, file.parent.relative_to(top).as_posix().strip("."), file) for file in files]
    return tuple(sorted(entries, key=lambda entry: (entry.folder, entry.name)))


def shown(file: str) -> str:
    """A file as results name it: the library's relative to the library, so that every installation says the
    same.
    """
    path, root = Path(file), library_root()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else file


def library_root() -> Path:
    """The folder the library's folders are in: inside an installed package, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_library"
    return installed if installed.is_dir() else package.parent


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
