"""Published energies of spiking networks, recomputed from their operations.

Source: papers' and repositories' figures as hwsim's reference collects them; hwsim does not ship them. Rows
say how many operations, and ours is the papers' formula; each trap in the accounting is reported as a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hwsim.energy.load import load_technology
from hwsim.energy.spiking_accounting.convention import (
    TECHNOLOGY,
    Convention,
    SpikingAttention,
    accumulates_of,
    total,
)
from hwsim.energy.spiking_accounting.traps import Figure, traps_in
from hwsim.spec.errors import InputError
from hwsim.spec.files import read_text
from hwsim.validation.comparison import Comparison, Row, Value
from hwsim.validation.csv_table import Record, read_table

NAME = "snn_energy"
CLAIM, LOG = 5e-4, 1e-9
PRINTED = 1e-8
"""A layer's rate and operations are printed with nine digits."""
_ATTENTION = "SSA"
_PICO, _MILLI, _GIGA = 1e-12, 1e-3, 1e9
_PUBLISHED = ("id", "model", "macs_G", "acs_G", "claimed_mJ")
_LAYERS = (
    "layer",
    "kind",
    "c_in",
    "c_out",
    "k",
    "dense_ops_all_T",
    "ac_ops",
    "mac_ops",
    "input_spike_rate_pct",
)


def compare(data: Path | None = None) -> Comparison:
    """Recompute the rows of ``data``: a table of figures, a log of layers, or a folder with both.

    Rows of figures have the case ``id`` and the metric ``claimed_mJ``; those of a log the case
    ``FILE/LAYER`` with ``ac_ops``, and ``FILE`` with ``acs_G``, ``macs_G`` and ``energy_mJ``.

    Raises:
        InputError: no data is given, or a table is at fault.
    """
    if data is None:
        hint = f"get the published figures and give them with: hwsim validate {NAME} --data PATH"
        raise InputError(f"hwsim ships no data for {NAME!r}: it is other people's figures", hint=hint)
    technology = load_technology(TECHNOLOGY)
    convention = Convention.of(technology)
    files = _files(data)
    figures = [record for file in files if not _is_log(file) for record in read_table(file, _PUBLISHED)]
    rows = [_row(record, convention) for record in figures]
    for file in files:
        if _is_log(file):
            rows += _log_rows(file, _told_by(file, figures), convention)
    traps = traps_in([_figure(record) for record in figures], convention, technology)
    notes = (
        f"{convention.mac / _PICO:g} pJ a multiply-accumulate, {convention.accumulate / _PICO:g} pJ an "
        f"accumulate ({TECHNOLOGY}, fp32) where a row gives none",
        *(f"trap {trap.kind}, {trap.figure}: {trap.text}" for trap in traps),
    )
    return Comparison(NAME, tuple(rows), notes)


def _files(data: Path) -> list[Path]:
    files = sorted(data.glob("*.csv")) if data.is_dir() else [data]
    if not files:
        raise InputError(f"there is no .csv file in {str(data)!r}")
    return files


def _is_log(file: Path) -> bool:
    """Whether a table is a log of layers."""
    return "dense_ops_all_T" in read_text(file).partition("\n")[0]


def _row(record: Record, convention: Convention) -> Row:
    macs, accumulates = _GIGA * _number(record, "macs_G"), _GIGA * _number(record, "acs_G")
    own = Convention(
        _number(record, "e_mac_pJ", convention.mac / _PICO) * _PICO,
        _number(record, "e_ac_pJ", convention.accumulate / _PICO) * _PICO,
    )
    ours = own.energy(macs, accumulates) / _MILLI
    return Row(record.text_of("id"), "claimed_mJ", record.reference("claimed_mJ"), ours, CLAIM)


def _figure(record: Record) -> Figure:
    steps, claimed = record.reference("T"), record.reference("claimed_mJ")
    return Figure(
        id=record.text_of("id"),
        model=record.text_of("model"),
        steps=steps if isinstance(steps, int) and steps > 0 else None,
        macs=_GIGA * _number(record, "macs_G"),
        accumulates=_GIGA * _number(record, "acs_G"),
        claimed=None if claimed is None or isinstance(claimed, str) else _MILLI * claimed,
    )


def _told_by(file: Path, figures: list[Record]) -> Record | None:
    """The figure whose note names the log: the total that the log should give."""
    return next((record for record in figures if file.name in record.cells.get("note", "")), None)


def _log_rows(file: Path, told: Record | None, convention: Convention) -> Iterator[Row]:
    """A row for the operations of every layer, then the totals of the network."""
    records = read_table(file, _LAYERS)
    macs: list[float] = []
    accumulates: list[float] = []
    for record in records:
        case = f"{file.stem}/{record.text_of('layer')}"
        if record.text_of("kind") == _ATTENTION:
            accumulates.append(_attention(record, records).accumulates)
            continue
        dense, rate = _number(record, "dense_ops_all_T"), _number(record, "input_spike_rate_pct") / 100
        spikes = rate < 1.0
        macs.append(0.0 if spikes else dense)
        accumulates.append(accumulates_of(dense, rate) if spikes else 0.0)
        yield Row(case, "ac_ops", record.reference("ac_ops"), accumulates[-1], PRINTED)
        yield Row(case, "mac_ops", record.reference("mac_ops"), macs[-1], PRINTED)
    energy = convention.energy(total(macs), total(accumulates))
    for metric, reference, ours in (
        ("acs_G", "acs_G", total(accumulates) / _GIGA),
        ("macs_G", "macs_G", total(macs) / _GIGA),
        ("energy_mJ", "claimed_mJ", energy / _MILLI),
    ):
        yield Row(file.stem, metric, told.reference(reference) if told else None, ours, LOG)


def _attention(record: Record, records: list[Record]) -> SpikingAttention:
    """An attention row: its columns hold the dimension, the heads, and the rates of Q, K and V."""
    block = record.text_of("layer").rpartition(".")[0]
    return SpikingAttention(
        dim=record.count("c_in"),
        heads=record.count("c_out"),
        tokens=_tokens(block, record, records),
        query_rate=_number(record, "dense_ops_all_T"),
        key_rate=_number(record, "ac_ops"),
        value_rate=_number(record, "mac_ops"),
    )


def _tokens(block: str, record: Record, records: list[Record]) -> float:
    """Tokens of all time steps: operations over weights of a 1 x 1 layer of the same block without bias."""
    found = [
        _number(each, "dense_ops_all_T") / (_number(each, "c_in") * _number(each, "c_out"))
        for each in records
        if each.text_of("layer").startswith(f"{block}.") and each.cells["k"].strip() == "1"
    ]
    whole = [tokens for tokens in found if tokens == round(tokens)]
    if not whole:
        raise record.wrong("layer", f"there is no 1 x 1 layer of {block!r} to tell the number of tokens")
    return whole[0]


def _number(record: Record, column: str, default: float | None = None) -> float:
    """A number of at least zero.

    Raises:
        InputError: there is none, or something else.
    """
    value: Value = record.reference(column)
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        shown = record.cells.get(column, "")
        raise record.wrong(column, f"{shown!r} is not a number of at least 0")
    return float(value)
