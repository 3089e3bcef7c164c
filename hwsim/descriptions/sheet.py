"""What there is to say about one description: facts and tables, the same for a terminal and for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwsim import __version__

SCHEMA = 1
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the same keys, of plain JSON values; ``depth_by`` names the column that is drawn as a tree.

    A key says the unit of its number: ``capacity_bytes``, ``clock_hz``, ``energy_j``.
    """

    title: str
    rows: tuple[Row, ...]
    depth_by: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One machine, workload, mapping, technology, plan ...: ``facts`` are single values, ``tables`` the rest.

    ``content_hash`` identifies the text it was read from.
    """

    kind: str
    name: str
    description: str
    file: str
    content_hash: str
    facts: Row
    tables: tuple[Table, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The sheet as the answer of ``hwsim show --json``."""
        return {
            "hwsim": __version__,
            "schema": SCHEMA,
            "inputs": {self.kind: {"name": self.name, "file": self.file, "hash": self.content_hash}},
            "kind": self.kind,
            "name": self.name,
            "description": self.description,
            **self.facts,
            **{table.title: [dict(row) for row in table.rows] for table in self.tables},
        }
