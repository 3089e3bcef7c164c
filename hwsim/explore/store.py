"""The store of points: one SQLite file in a study's folder.

SQLite's write-ahead log makes each batch of points all there or not there at all, whenever the process dies,
and lets several processes share one file. A point is kept by its content key and computed once; ``members``
says which points a study has, in its order.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim.explore.metrics import COLUMNS, Outcome
from hwsim.explore.point import Point
from hwsim.spec.errors import InputError

FILE = "points.sqlite"
SCHEMA = 1
_PATIENCE_S = 60.0
_MOST_VARIABLES = 500
_TABLES = f"""
CREATE TABLE IF NOT EXISTS points (
  key TEXT PRIMARY KEY, status TEXT NOT NULL, message TEXT NOT NULL,
  {", ".join(COLUMNS)}, details TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS members (
  position INTEGER PRIMARY KEY, key TEXT NOT NULL, settings TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS runs (
  number INTEGER PRIMARY KEY, provenance TEXT NOT NULL
);
"""
_INSERT = f"INSERT OR IGNORE INTO points VALUES ({', '.join('?' * (4 + len(COLUMNS)))})"
_MEMBER = """
INSERT INTO members VALUES (?, ?, ?)
ON CONFLICT (position) DO UPDATE SET key = excluded.key WHERE key != excluded.key
"""
"""A member has another key when the models changed: what they said before is not shown any more."""


@dataclass(frozen=True, slots=True)
class Row:
    """A point of a study with what became of it."""

    position: int
    settings: dict[str, Any]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Store:
    """An open store; close it with :meth:`close`."""

    path: Path
    connection: sqlite3.Connection

    def known(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of ``keys`` whose points have been computed."""
        found: set[str] = set()
        with _told(self.path):
            for start in range(0, len(keys), _MOST_VARIABLES):
                some = keys[start : start + _MOST_VARIABLES]
                query = f"SELECT key FROM points WHERE key IN ({', '.join('?' * len(some))})"
                found.update(key for (key,) in self.connection.execute(query, some))
        return frozenset(found)

    def add(self, points: Iterable[tuple[str, Outcome]]) -> None:
        """Keep computed points, all or none; those already there stay as they are.

        Raises:
            InputError: the disk is full, the folder cannot be written.
        """
        rows = [_row(key, outcome) for key, outcome in points]
        with _told(self.path), self.connection:
            self.connection.executemany(_INSERT, rows)

    def enrol(self, points: Iterable[tuple[str, Point]]) -> None:
        """Make points members of the study, all or none.

        Raises:
            InputError: the disk is full, the folder cannot be written.
        """
        rows = [(point.position, key, json.dumps(point.values)) for key, point in points]
        with _told(self.path), self.connection:
            self.connection.executemany(_MEMBER, rows)

    def outcome(self, key: str) -> Outcome:
        """What became of a point that has been computed.

        Raises:
            KeyError: it has not.
        """
        query = f"SELECT status, message, {', '.join(COLUMNS)}, details FROM points WHERE key = ?"
        with _told(self.path):
            found = self.connection.execute(query, (key,)).fetchone()
        if found is None:
            raise KeyError(key)
        return _outcome(*found)

    def record(self, provenance: dict[str, Any]) -> None:
        """Keep what a run of the study was started with."""
        with _told(self.path), self.connection:
            self.connection.execute("INSERT INTO runs (provenance) VALUES (?)", (json.dumps(provenance),))

    def runs(self) -> list[dict[str, Any]]:
        """What the runs of the study were started with, in order."""
        with _told(self.path):
            query = "SELECT provenance FROM runs ORDER BY number"
            return [json.loads(text) for (text,) in self.connection.execute(query)]

    def rows(self) -> Iterator[Row]:
        """The members that have been computed, in the order of the study, one after another."""
        columns = ", ".join(f"points.{name}" for name in ("status", "message", *COLUMNS, "details"))
        query = (
            f"SELECT members.position, members.settings, {columns} FROM members JOIN points USING (key) "
            "ORDER BY members.position"
        )
        with _told(self.path):
            for position, settings, status, message, *values, details in self.connection.execute(query):
                outcome = _outcome(status, message, *values, details)
                yield Row(position, json.loads(settings), outcome)

    def count(self) -> tuple[int, int]:
        """How many members have been computed, and how many of them failed."""
        query = "SELECT COUNT(*), COALESCE(SUM(status = 'failed'), 0) FROM members JOIN points USING (key)"
        with _told(self.path):
            done, bad = self.connection.execute(query).fetchone()
        return int(done), int(bad)

    def take(self, other: Path, keys: Sequence[str]) -> int:
        """Copy the points of these keys out of another store; how many there were."""
        found = 0
        with _told(other), _connected(other, readonly=True) as source:
            for start in range(0, len(keys), _MOST_VARIABLES):
                some = keys[start : start + _MOST_VARIABLES]
                query = (
                    f"SELECT * FROM points WHERE key IN ({', '.join('?' * len(some))}) AND status = 'done'"
                )
                rows = source.execute(query, some).fetchall()
                found += len(rows)
                with _told(self.path), self.connection:
                    self.connection.executemany(_INSERT, rows)
        return found

    def close(self) -> None:
        """Close the file; everything added is in it."""
        self.connection.close()


def create_store(folder: Path) -> Store:
    """The store in ``folder``, made where there is none.

    Raises:
        InputError: the folder cannot be written, or the file is no store.
    """
    path = folder / FILE
    with _told(path):
        connection = sqlite3.connect(path, timeout=_PATIENCE_S)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, SCHEMA):
            connection.close()
            raise InputError(
                f"{str(path)!r} was written by another version of hwsim", hint="use another folder"
            )
        connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version={SCHEMA}; COMMIT;")
    return Store(path, connection)


def open_store(folder: Path) -> Store:
    """The store in ``folder``, which must be there; nothing in it is changed.

    Raises:
        InputError: there is none, or the file is no store.
    """
    path = folder / FILE
    if not path.is_file():
        raise InputError(f"there is no study in {str(folder)!r}", hint="'hwsim sweep STUDY -o DIR' makes one")
    with _told(path):
        connection = sqlite3.connect(f"file:{_quoted(path)}?mode=ro", uri=True, timeout=_PATIENCE_S)
        connection.execute("SELECT COUNT(*) FROM members")
    return Store(path, connection)


def neighbours(folder: Path) -> list[Path]:
    """The stores of the studies beside ``folder``: points computed for them need not be computed again."""
    beside = sorted(each for each in folder.resolve().parent.iterdir() if each != folder.resolve())
    return [each / FILE for each in beside if (each / FILE).is_file()]


@contextmanager
def _connected(path: Path, readonly: bool) -> Iterator[sqlite3.Connection]:
    mode = "ro" if readonly else "rw"
    connection = sqlite3.connect(f"file:{_quoted(path)}?mode={mode}", uri=True, timeout=_PATIENCE_S)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Errors of the file as messages to the user."""
    try:
        yield
    except sqlite3.Error as error:
        raise InputError(
            f"cannot use the store {str(path)!r}: {error}",
            hint="is the disk full, or the folder not yours to write? everything finished before is kept",
        ) from error


def _quoted(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path.resolve()))


def _outcome(status: str, message: str, *values: Any) -> Outcome:
    """An outcome from its columns, the metrics and the details."""
    *numbers, details = values
    metrics = dict(zip(COLUMNS, numbers, strict=True)) if status == "done" else {}
    return Outcome(status, message, metrics, json.loads(details))


def _row(key: str, outcome: Outcome) -> tuple[Any, ...]:
    values = (outcome.metrics.get(name) for name in COLUMNS)
    return key, outcome.status, outcome.message, *values, json.dumps(dict(outcome.details))
