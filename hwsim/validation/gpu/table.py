"""Tables of measured kernels: one row a kernel, its dimensions, and microseconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hwsim.engines.gpu.families import BY_OPERATOR, Family
from hwsim.engines.gpu.kernels import DATATYPES
from hwsim.engines.gpu.routing import exponent
from hwsim.spec.errors import InputError, Position, did_you_mean
from hwsim.validation.csv_table import Record, read_table
from hwsim.validation.gpu.machines import datasheets

LATENCY = "latency_us"
OTHER_UNITS = {"latency_ms": 1e3, "latency_s": 1e6, "latency_ns": 1e-3}
"""Columns that hold the latency in another unit, and what to multiply them by."""
KEYS = ("gpu", "op", "dtype")
HOST_INCLUDED = ("LLMCompass",)
"""Sources whose latencies contain the dispatch by the host."""
COLD_WEIGHTS = ("aiconfigurator",)
"""Sources that cycle through copies of the weights."""
SOFTWARE = ("trtllm", "vllm", "sglang")


@dataclass(frozen=True, slots=True)
class Measured:
    """One measured kernel; ``sizes`` and ``words`` are its dimensions, ``latency`` as the table has it."""

    record: Record
    family: Family
    gpu: str
    operator: str
    datatype: str
    sizes: Mapping[str, float]
    words: Mapping[str, str]

    @property
    def dimensions(self) -> str:
        """The dimensions as the table has them, joined by ``/``."""
        return "/".join(self.record.text_of(name) for name in self.family.dimensions)

    @property
    def case(self) -> str:
        """``op/gpu/dtype/dimensions``."""
        return "/".join((self.operator, self.gpu, self.datatype, self.dimensions))

    @property
    def latency(self) -> float | int | str | None:
        """Microseconds; None where the table has none, text where it has no number."""
        return self.record.reference(LATENCY)

    @property
    def seconds(self) -> float | None:
        """The latency in seconds, where it is a number above 0."""
        latency = self.latency
        return latency * 1e-6 if isinstance(latency, int | float) and latency > 0 else None

    @property
    def repository(self) -> str:
        """Where the row was taken from; empty where the table does not say."""
        return self.record.cells.get("source_repo", "").strip()

    @property
    def host(self) -> bool:
        """Whether the latency contains the dispatch by the host."""
        said = self.record.cells.get("launch", "").strip()
        return said == "host" or any(name in self.repository for name in HOST_INCLUDED)

    @property
    def cold(self) -> bool:
        """Whether the weights were not in the L2."""
        said = self.record.cells.get("l2", "").strip()
        if said:
            return said == "cold"
        return not self.repository or any(name in self.repository for name in COLD_WEIGHTS)

    @property
    def software(self) -> str:
        """The library of the kernel, from the path of its source; empty where that does not say."""
        said = self.record.cells.get("software", "").strip()
        parts = self.record.cells.get("source_file", "").split("/")
        return said or next((name for name in SOFTWARE if name in parts), "")


def read_measured(path: Path) -> tuple[Measured, ...]:
    """The rows of a table, or of all tables in a folder by name, in the order of the files.

    Raises:
        InputError: at the column or cell that is missing or makes no sense.
    """
    return tuple(measured(record) for record in read_table(path, KEYS))


def measured(record: Record) -> Measured:
    """One row.

    Raises:
        InputError: its operator, GPU, datatype or a dimension is unknown or missing.
    """
    operator = record.one_of("op", BY_OPERATOR)
    family = BY_OPERATOR[operator]
    _check_columns(record, operator, family)
    gpu, datatype = record.one_of("gpu", datasheets()), record.one_of("dtype", DATATYPES)
    if datatype not in datasheets()[gpu].peaks:
        known = ", ".join(datasheets()[gpu].peaks)
        raise InputError(f"dtype: {gpu} has no {datatype}", record.place("dtype"), f"it has {known}")
    words = {name: _word(record, name) for name in family.words}
    counts = [name for name in family.dimensions if name not in family.words]
    return Measured(record, family, gpu, operator, datatype, {n: _size(record, n) for n in counts}, words)


def _check_columns(record: Record, operator: str, family: Family) -> None:
    missing = [name for name in family.dimensions if name not in record.cells]
    header = Position(record.file, 1, 1, ",".join(record.order))
    if missing:
        needed = f"{operator} needs {', '.join(family.dimensions)}"
        raise InputError(
            f"column {missing[0]!r} is missing: {needed}", header, did_you_mean(missing[0], record.order)
        )
    other = next((name for name in OTHER_UNITS if name in record.cells), None)
    if LATENCY not in record.cells and other:
        hint = f"multiply {other!r} by {OTHER_UNITS[other]:g} and call it {LATENCY!r}"
        raise InputError(f"column {LATENCY!r} (microseconds) is missing", header, hint)


def _size(record: Record, name: str) -> float:
    if name == "causal":
        return float(record.one_of(name, ("0", "1")))
    return float(record.count(name))


def _word(record: Record, name: str) -> str:
    if name == "kv_dtype":
        return record.one_of(name, DATATYPES)
    text = record.text_of(name)
    if name == "distribution":
        try:
            exponent(text)
        except InputError as error:
            raise error.at(record.place(name)) from error
    return text


def by_family(rows: Iterable[Measured]) -> dict[str, list[int]]:
    """Where the rows of each family are."""
    found: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        found.setdefault(row.family.name, []).append(place)
    return found
