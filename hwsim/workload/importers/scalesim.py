"""SCALE-Sim topology files (https://scale-sim-project.readthedocs.io, section topology files).

A header line, then a layer a line: ``name, IFMAP height, IFMAP width, filter height, filter width, channels,
filters, stride`` with an optional sparsity ``N:M``, or ``name, M, N, K`` with an optional sparsity and an
optional batch; where the header names the columns, they may come in any order. Every line ends with a comma,
which is optional here. The input is padded already; an output has
``ceil((input - filter + stride) / stride)`` places along an axis. A convolution whose name contains ``DP`` is
depthwise: each of its channels is convolved by ``filters`` filters of its own. Layers do not feed each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim.spec.errors import InputError, Position
from hwsim.spec.files import read_text
from hwsim.workload.importers.scalesim_header import CONVOLUTION, PRODUCT, read_header
from hwsim.workload.text import workload_text

SUFFIXES = (".csv",)

_NUMBER = re.compile(r"[0-9]{1,18}")
_SPARSITY = re.compile(r"([0-9]{1,9}):([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: its fields without the empty ones at the end."""

    fields: tuple[str, ...]
    places: Mapping[str, int]
    """The index of each column that the header names."""
    position: Position

    @property
    def name(self) -> str:
        """The layer's name."""
        return self.fields[0]

    def sizes(self, columns: tuple[str, ...]) -> tuple[int, ...]:
        """The numbers under ``columns``."""
        indices = self._indices(columns)
        return tuple(self.size(index, column) for index, column in zip(indices, columns, strict=True))

    def rest(self, columns: tuple[str, ...]) -> list[int]:
        """The indices of the fields beside the name and ``columns``."""
        return [index for index in range(1, len(self.fields)) if index not in self._indices(columns)]

    def _indices(self, columns: tuple[str, ...]) -> list[int]:
        """Where ``columns`` are: where the header says, else in order after the name."""
        named = [self.places[column] for column in columns if column in self.places]
        return named or list(range(1, len(columns) + 1))

    def size(self, index: int, column: str) -> int:
        """The positive whole number in field ``index``."""
        text = self.fields[index] if index < len(self.fields) else ""
        if not _NUMBER.fullmatch(text) or int(text) < 1:
            raise InputError(f"{column} must be a whole number above 0, got {text!r}", self.position)
        return int(text)

    def density(self, columns: tuple[str, ...]) -> float | None:
        """The fraction of weights that are not zero, where a field beside ``columns`` gives it as N:M."""
        matches = (_SPARSITY.fullmatch(self.fields[index]) for index in self.rest(columns))
        match = next(filter(None, matches), None)
        if not match:
            return None
        kept, of = int(match[1]), int(match[2])
        if not 0 < kept <= of:
            raise InputError(f"a sparsity of {kept}:{of} is impossible", self.position, "N:M with 0 < N <= M")
        return kept / of if kept < of else None


def import_text(path: Path, _allow_unknown: bool) -> str:
    """The layers in the topology file at ``path`` as text in our own YAML.

    Raises:
        InputError: the file is no topology, or a line is wrong.
    """
    tensors: dict[str, Any] = {}
    operators: list[dict[str, Any]] = []
    for row in _rows(path):
        if not row.name:
            raise InputError("this layer has no name", row.position)
        if row.name in {operator["name"] for operator in operators}:
            raise InputError(f"two layers are called {row.name!r}", row.position)
        _layer(row, tensors, operators)
    if not operators:
        raise InputError(
            "there is no layer in this file", Position(str(path)), "the first line is the header"
        )
    head = {
        "name": path.stem,
        "source": f"imported from the SCALE-Sim topology {path.name}",
        "notes": ["layers do not feed each other: a SCALE-Sim topology does not say how they are connected"],
        "parameters": {"batch": 1},
    }
    return workload_text(head, {"tensors": tensors, "operators": operators})


def _rows(path: Path) -> Iterator[Row]:
    header, *lines = read_text(path).splitlines() or [""]
    places = read_header(header, str(path))
    for number, line in enumerate(lines, start=2):
        fields = [field.strip() for field in line.split(",")]
        while fields and not fields[-1]:
            fields.pop()
        if fields:
            yield Row(tuple(fields), places, Position(str(path), number, 1, line))


def _layer(row: Row, tensors: dict[str, Any], operators: list[dict[str, Any]]) -> None:
    count = len(row.fields)
    if count in (8, 9):
        _convolution(row, tensors, operators)
    elif 4 <= count <= 6:
        _product(row, tensors, operators)
    else:
        message = (
            f"a layer has 4 fields (name, M, N, K) or 8 (name, {', '.join(CONVOLUTION)}), this line {count}"
        )
        raise InputError(message, row.position)


def _product(row: Row, tensors: dict[str, Any], operators: list[dict[str, Any]]) -> None:
    M, N, K = row.sizes(PRODUCT)
    density = row.density(PRODUCT)
    batches = [row.size(index, "batch") for index in row.rest(PRODUCT) if ":" not in row.fields[index]]
    if len(batches) > 1:
        raise InputError("beside M, N and K a product has one number at most, its batch", row.position)
    batch = batches[0] if batches else 1
    lead = [batch] if batch > 1 else []
    tensors[f"{row.name}.ifmap"] = {"shape": ["batch", *lead, M, K], "kind": "input"}
    weight = {"shape": [*lead, K, N], "kind": "weight"}
    tensors[f"{row.name}.filter"] = weight if density is None else {**weight, "density": density}
    inputs = [f"{row.name}.ifmap", f"{row.name}.filter"]
    operators.append({"name": row.name, "kind": "matmul", "inputs": inputs})


def _convolution(row: Row, tensors: dict[str, Any], operators: list[dict[str, Any]]) -> None:
    height, width, rows, columns, channels, filters, stride = row.sizes(CONVOLUTION)
    for size, taps, axis in ((height, rows, "high"), (width, columns, "wide")):
        if taps > size:
            raise InputError(f"a filter {taps} {axis} does not fit into an input {size} {axis}", row.position)
    groups = channels if "DP" in row.name else 1
    behind = [-(size - taps) % stride for size, taps in ((height, rows), (width, columns))]
    density = row.density(CONVOLUTION)
    tensors[f"{row.name}.ifmap"] = {"shape": ["batch", channels, height, width], "kind": "input"}
    weight = {"shape": [filters * groups, channels // groups, rows, columns], "kind": "weight"}
    tensors[f"{row.name}.filter"] = weight if density is None else {**weight, "density": density}
    layer = {
        "name": row.name,
        "kind": "conv2d",
        "inputs": [f"{row.name}.ifmap", f"{row.name}.filter"],
        "stride": stride,
        "padding": [0, 0, *behind] if any(behind) else 0,
        "groups": groups,
    }
    default = {"stride": 1, "padding": 0, "groups": 1}
    operators.append({key: value for key, value in layer.items() if default.get(key) != value})
