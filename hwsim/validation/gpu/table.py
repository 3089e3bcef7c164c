"""Tables of measured kernels: one row a kernel, its dimensions, and microseconds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from hwsim.engines.gpu.calls import Call
from hwsim.engines.gpu.families import BY_OPERATOR, Family
from hwsim.engines.gpu.kernels import DATATYPES
from hwsim.engines.gpu.routing import exponent
from hwsim.spec.errors import InputError, Position, did_you_mean
from hwsim.validation.csv_table import Record, read_table
from hwsim.validation.gpu.machines import datasheets

LATENCY = "latency_us"
DIMENSIONS = "dims"
"""A column that holds all dimensions as ``name=value``, for tables of several operators."""
OTHER_UNITS = {"latency_ms": 1e3, "latency_s": 1e6, "latency_ns": 1e-3}
"""Columns that hold the latency in another unit, and what to multiply them by."""
LIKE_LATENCY = re.compile(r"latency|time|duration|elapsed", re.IGNORECASE)
"""Names of columns that may hold a latency."""
KEYS = ("gpu", "op", "dtype")
HOST_INCLUDED = ("LLMCompass",)
"""Sources whose latencies contain the dispatch by the host."""
EVENTS_AROUND = ("NeuSight",)
"""Sources whose latencies are between two events around one eager call."""
COLD_WEIGHTS = ("aiconfigurator",)
"""Sources that cycle through copies of the weights."""
SOFTWARE = ("trtllm", "vllm", "sglang")


@dataclass(frozen=True, slots=True)
class Measured:
    """One measured kernel: the line of the table, the GPU it names, and what was called."""

    record: Record
    gpu: str
    call: Call

    @property
    def family(self) -> Family:
        """The family that models it."""
        return self.call.family

    @property
    def dimensions(self) -> str:
        """The dimensions as the table has them, joined by ``/``."""
        return "/".join(self.record.text_of(name) for name in self.family.dimensions)

    @property
    def case(self) -> str:
        """``op/gpu/dtype/dimensions``."""
        return "/".join((self.call.operator, self.gpu, self.call.datatype, self.dimensions))

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
    gpu, record = record.one_of("gpu", datasheets()), with_dimensions(record)
    call = call_of(record)
    if call.datatype not in datasheets()[gpu].peaks:
        known = ", ".join(datasheets()[gpu].peaks)
        raise InputError(f"dtype: {gpu} has no {call.datatype}", record.place("dtype"), f"it has {known}")
    return Measured(record, gpu, call)


def with_dimensions(record: Record) -> Record:
    """The record with a cell for each ``name=value`` of its column ``dims``, where it has one.

    Raises:
        InputError: the column holds something else.
    """
    pairs = [pair.partition("=") for pair in record.cells.get(DIMENSIONS, "").split()]
    if any(not name or not value for name, _, value in pairs):
        raise record.wrong(DIMENSIONS, "is a list of name=value, such as 'm=64 n=4096 k=4096'")
    return replace(record, cells={**record.cells, **{name: value for name, _, value in pairs}})


def call_of(record: Record) -> Call:
    """What was called.

    Raises:
        InputError: its operator, datatype or a dimension is unknown or missing.
    """
    operator, datatype = record.one_of("op", BY_OPERATOR), record.one_of("dtype", DATATYPES)
    family = BY_OPERATOR[operator]
    _check_columns(record, operator, family)
    counts = [name for name in family.dimensions if name not in family.words]
    return Call(
        operator=operator,
        datatype=datatype,
        sizes={name: _size(record, name) for name in counts},
        words={name: _word(record, name) for name in family.words},
        host=_host(record),
        exposed=_exposed(record),
        eager=record.cells.get("launch", "").strip() == "eager",
        cold=_cold(record),
        software=_software(record),
    )


def _host(record: Record) -> bool:
    """Whether the latency contains the dispatch by the host."""
    said, source = record.cells.get("launch", "").strip(), record.cells.get("source_repo", "")
    return said == "host" or (not said and any(name in source for name in HOST_INCLUDED))


def _exposed(record: Record) -> bool:
    """Whether the latency lies between two events around one eager call."""
    said, source = record.cells.get("launch", "").strip(), record.cells.get("source_repo", "")
    return said == "events" or (not said and any(name in source for name in EVENTS_AROUND))


def _cold(record: Record) -> bool:
    """Whether the weights were not in the L2."""
    said, source = record.cells.get("l2", "").strip(), record.cells.get("source_repo", "").strip()
    return said == "cold" if said else not source or any(name in source for name in COLD_WEIGHTS)


def _software(record: Record) -> str:
    """The library of the kernel, from the path of its source; empty where that does not say."""
    said, parts = record.cells.get("software", "").strip(), record.cells.get("source_file", "").split("/")
    return said or next((name for name in SOFTWARE if name in parts), "")


def _check_columns(record: Record, operator: str, family: Family) -> None:
    missing = [name for name in family.dimensions if name not in record.cells]
    if missing and record.cells.get(DIMENSIONS, "").strip():
        raise record.wrong(DIMENSIONS, f"{missing[0]!r} is missing: {operator} needs {_listed(family)}")
    if missing:
        message = f"column {missing[0]!r} is missing: {operator} needs {_listed(family)}"
        raise InputError(message, header_of(record), did_you_mean(missing[0], record.order))
    other = next((name for name in OTHER_UNITS if name in record.cells), None)
    if LATENCY not in record.cells and other:
        raise without_latency(record)


def _listed(family: Family) -> str:
    return ", ".join(family.dimensions)


def header_of(record: Record) -> Position:
    """Where the names of the columns stand."""
    return Position(record.file, 1, 1, ",".join(record.order))


def without_latency(record: Record) -> InputError:
    """What to say of a table without the column of latencies: which other column may be it, in which unit."""
    known = next((name for name in record.order if name in OTHER_UNITS), None)
    like = next((name for name in record.order if LIKE_LATENCY.search(name)), None)
    hint = f"add it; a table has {', '.join((*KEYS, LATENCY))} and the dimensions"
    if known:
        hint = f"multiply {known!r} by {OTHER_UNITS[known]:g} and call it {LATENCY!r}"
    elif like:
        hint = f"if {like!r} is it, call it {LATENCY!r} or, by its unit, {', '.join(map(repr, OTHER_UNITS))}"
    return InputError(f"column {LATENCY!r} (microseconds) is missing", header_of(record), hint)


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
