"""SCALE-Sim topology files (https://scale-sim-project.readthedocs.io, section topology files).

A header line, then a layer a line: ``name, IFMAP height, IFMAP width, filter height, filter width, channels,
filters, stride`` with an optional sparsity ``N:M``, or ``name, M, N, K`` with an optional sparsity and an
optional batch. Every line ends with a comma, which is optional here. The input is padded already; an output
has ``ceil((input - filter + stride) / stride)`` places along an axis. A convolution whose name contains
``DP`` is depthwise: each of its channels is convolved by ``filters`` filters of its own. Layers do not feed
each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim.spec.errors import InputError, Position
from hwsim.spec.files import read_text
from hwsim.workload.text import workload_text

SUFFIXES = (".csv",)

_CONVOLUTION = (
    "IFMAP height",
    "IFMAP width",
    "filter height",
    "filter width",
    "channels",
    "filters",
    "stride",
)
_PRODUCT = ("M", "N", "K")
_NUMBER = re.compile(r"[0-9]{1,18}")
_SPARSITY = re.compile(r"([0-9]{1,9}):([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: its fields without the empty ones at the end."""

    fields: tuple[str, ...]
    position: Position

    @property
    def name(self) -> str:
        """The layer's name."""
        return self.fields[0]

    def sizes(self, columns: tuple[str, ...]) -> tuple[int, ...]:
        """The numbers under ``columns``, which follow the name."""
        return tuple(self.size(index, column) for index, column in enumerate(columns, start=1))

    def size(self, index: int, column: str) -> int:
        """The positive whole number in field ``index``."""
        text = self.fields[index]
        if not _NUMBER.fullmatch(text) or int(text) < 1:
            raise InputError(f"{column} must be a whole number above 0, got {text!r}", self.position)
        return int(text)

    def density(self, index: int) -> float | None:
        """The fraction of weights that are not zero, where field ``index`` gives it as N:M."""
        match = _SPARSITY.fullmatch(self.fields[index]) if index < len(self.fields) else None
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
    for number, line in enumerate(read_text(path).splitlines()[1:], start=2):
        fields = [field.strip() for field in line.split(",")]
        while fields and not fields[-1]:
            fields.pop()
        if fields:
            yield Row(tuple(fields), Position(str(path), number, 1, line))


def _layer(row: Row, tensors: dict[str, Any], operators: list[dict[str, Any]]) -> None:
    count = len(row.fields)
    if count in (8, 9):
        _convolution(row, tensors, operators)
    elif 4 <= count <= 6:
        _product(row, tensors, operators)
    else:
        message = (
            f"a layer has 4 fields (name, M, N, K) or 8 (name, {', '.join(_CONVOLUTION)}), this line {count}"
        )
        raise InputError(message, row.position)


def _product(row: Row, tensors: dict[str, Any], operators: list[dict[str, Any]]) -> None:
    M, N, K = row.sizes(_PRODUCT)
    density = row.density(4)
    last = len(row.fields) - 1
    batch = (
        row.size(last, "batch") if last > (3 if density is None else 4) and ":" not in row.fields[last] else 1
    )
    lead = [batch] if batch > 1 else []
    tensors[f"{row.name}.ifmap"] = {"shape": ["batch", *lead, M, K], "kind": "input"}
    weight = {"shape": [*lead, K, N], "kind": "weight"}
    tensors[f"{row.name}.filter"] = weight if density is None else {**weight, "density": density}
    inputs = [f"{row.name}.ifmap", f"{row.name}.filter"]
    operators.append({"name": row.name, "kind": "matmul", "inputs": inputs})


def _convolution(row: Row, tensors: dict[str, Any], operators: list[dict[str, Any]]) -> None:
    height, width, rows, columns, channels, filters, stride = row.sizes(_CONVOLUTION)
    for size, taps, axis in ((height, rows, "high"), (width, columns, "wide")):
        if taps > size:
            raise InputError(f"a filter {taps} {axis} does not fit into an input {size} {axis}", row.position)
    groups = channels if "DP" in row.name else 1
    behind = [-(size - taps) % stride for size, taps in ((height, rows), (width, columns))]
    density = row.density(8)
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
