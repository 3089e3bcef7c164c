"""A study's folder: the study as merged, the store of its points, and its table."""

from __future__ import annotations

import csv
import io
import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim import __version__
from hwsim.explore.metrics import COLUMNS
from hwsim.explore.model_version import model_version
from hwsim.explore.space import Space
from hwsim.explore.store import Row, Store, create_store, open_store
from hwsim.explore.study import StudyFile
from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError
from hwsim.spec.files import write_atomically
from hwsim.spec.model import validate

STUDY = "study.json"
TABLE = "results.csv"


@dataclass(frozen=True, slots=True)
class Folder:
    """An open folder."""

    path: Path
    study: StudyFile
    store: Store

    def write_table(self) -> None:
        """Write the finished points as CSV, in the order of the study.

        Raises:
            InputError: it cannot be written.
        """
        write_atomically(self.path / TABLE, table_text(list(self.store.rows())))

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def begin(path: Path, space: Space, command: str, how: str) -> Folder:
    """Open the folder for ``space``, made where there is none, and record that a run begins.

    Raises:
        InputError: it cannot be written, or belongs to another study.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {str(path)!r}: {error.strerror}") from error
    merged = merged_text(space.study)
    file = path / STUDY
    if file.exists() and _points_of(load_document(file).data) != _points_of(json.loads(merged)):
        raise InputError(
            f"{str(path)!r} holds another study ({load_document(file).data.get('name')!r})",
            hint="name another folder with -o; points that both have are taken over",
        )
    store = create_store(path)
    write_atomically(file, merged)
    store.record(provenance(command, how, space.study.seed))
    return Folder(path, space.study, store)


@contextmanager
def opened(path: Path, space: Space, command: str, how: str) -> Iterator[Folder]:
    """:func:`begin`, closed at the end.

    Raises:
        InputError: the folder cannot be written, or belongs to another study.
    """
    folder = begin(path, space, command, how)
    try:
        yield folder
    finally:
        folder.close()


def open_folder(path: Path) -> Folder:
    """The folder of a study that was begun before.

    Raises:
        InputError: there is none.
    """
    store = open_store(path)
    return Folder(path, validate(StudyFile, load_document(path / STUDY)), store)


def merged_text(study: StudyFile) -> str:
    """The study as JSON, everything that was left to choice filled in."""
    return study.model_dump_json(indent=1, by_alias=True) + "\n"


def _points_of(data: dict[str, Any]) -> dict[str, Any]:
    """What of a study decides which points it has."""
    looks = ("name", "description", "source", "metrics", "objectives", "constraints", "seed")
    return {key: value for key, value in data.items() if key not in looks}


def provenance(command: str, how: str, seed: int) -> dict[str, Any]:
    """With what a run was started."""
    return {
        "hwsim": __version__,
        "model": model_version(),
        "python": platform.python_version(),
        "host": platform.node(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "command": command,
        "how": how,
        "seed": seed,
        "libraries": _versions(),
    }


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("numpy", "numba", "pandas", "pulp"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def command_line() -> str:
    """What was typed."""
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])


def table_text(rows: list[Row]) -> str:
    """The rows as CSV: position, what was chosen, what came of it."""
    chosen = list(dict.fromkeys(key for row in rows for key in row.settings))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["position", *chosen, "status", *COLUMNS, "bound_by", "message"])
    for row in rows:
        writer.writerow(_cells(row, chosen))
    return out.getvalue()


def _cells(row: Row, chosen: list[str]) -> list[Any]:
    outcome = row.outcome
    return [
        row.position,
        *(_cell(row.settings.get(key)) for key in chosen),
        outcome.status,
        *(_cell(outcome.metrics.get(name)) for name in COLUMNS),
        outcome.details.get("bound_by", ""),
        outcome.message,
    ]


def _cell(value: Any) -> str:
    """A value as text that reads back exactly."""
    if value is None:
        return ""
    return value if isinstance(value, str) else repr(value)
