"""Measurements in whatever form they come: our CSV, torch.profiler, Nsight Systems, Nsight Compute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from hwsim.engines.gpu.calls import Call
from hwsim.spec.errors import InputError, Position
from hwsim.spec.files import read_bytes
from hwsim.validation.csv_table import Record, read_table
from hwsim.validation.gpu.table import LATENCY, call_of, with_dimensions, without_latency
from hwsim.validation.traces import nsight_csv, nsys_sqlite, torch_json
from hwsim.validation.traces.event import Event, Unmatched, shaped, unmatched
from hwsim.validation.traces.operators import call_of as call_of_event

MICROSECOND = 1e-6
_RANGES = "run under torch.autograd.profiler.emit_nvtx(record_shapes=True)"
HOW_TO_RECORD = {
    "torch": "record with torch.profiler.profile(record_shapes=True)",
    "nsys": f"{_RANGES} and 'nsys profile -t cuda,nvtx', then 'nsys export --type sqlite'",
    "nsight": f"{_RANGES}, then 'nsys stats --report nvtx_kern_sum --format csv' or 'ncu --nvtx --csv'",
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """One call and the seconds it took; of a table also where that stands, and on what it was measured."""

    call: Call
    seconds: float
    position: Position | None = None
    board: str = ""


@dataclass(frozen=True, slots=True)
class Measurements:
    """Everything in a file; ``form`` says what it was taken for, ``rest`` what could not be matched."""

    form: str
    measured: tuple[Measurement, ...]
    rest: tuple[Unmatched, ...] = ()


def read_measurements(path: Path) -> Measurements:
    """The measurements in a file.

    Raises:
        InputError: the file is unreadable or damaged, has other units, or has no shapes.
    """
    content = read_bytes(path)
    if content.startswith(nsys_sqlite.MAGIC):
        return _matched("nsys", nsys_sqlite.events(path), path)
    if path.suffix.lower() == ".json" or content.lstrip()[:1] in (b"{", b"["):
        return _matched("torch", torch_json.events(path), path)
    if nsight_csv.is_nsight(content.decode("utf-8", errors="replace")):
        return _matched("nsight", nsight_csv.events(path), path)
    rows = tuple(_row(record) for record in read_table(path, ("op", "dtype")))
    if not rows:
        raise InputError("the table has no rows", Position(str(path), 2), "'hwsim profile' measures some")
    return Measurements("table", rows)


def _row(record: Record) -> Measurement:
    record = with_dimensions(record)
    call = call_of(record)
    if LATENCY not in record.cells:
        raise without_latency(record)
    latency = record.reference(LATENCY)
    if not isinstance(latency, int | float) or latency <= 0:
        raise record.wrong(LATENCY, f"{record.text_of(LATENCY)!r} is no time above 0")
    return Measurement(call, latency * MICROSECOND, record.place("op"), record.cells.get("gpu", "").strip())


def _matched(form: str, events: list[Event], path: Path) -> Measurements:
    if not events:
        raise InputError(
            "there are no kernels or operators in this trace", Position(str(path)), HOW_TO_RECORD[form]
        )
    if not shaped(events):
        raise InputError(
            f"the {len(events)} kernels of this trace have no shapes",
            Position(str(path)),
            HOW_TO_RECORD[form],
        )
    found, rest = [], []
    for event in events:
        call = call_of_event(event)
        if isinstance(call, str):
            rest.append((event, call))
        elif event.seconds <= 0:
            rest.append((event, "takes no time"))
        else:
            found.append(Measurement(replace(call, host=False), event.seconds))
    return Measurements(form, tuple(found), unmatched(rest))
