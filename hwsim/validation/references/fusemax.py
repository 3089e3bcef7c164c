"""FuseMax (MICRO 2024): the figures of its artifact for unfused attention, FLAT and three steps to FuseMax.

Ours is computed from the machines in ``arch_configs/systolic`` and cascades in ``workloads/cascades``; a row
only says for which configuration, model, length and metric. hwsim does not ship the figures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hwsim.arch.machine import Arch
from hwsim.energy.bands import FUSED_ATTENTION
from hwsim.energy.load import load_technology
from hwsim.mapping.fused.configurations import CONFIGURATIONS
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.validation.comparison import Comparison, Coverage, Row, Value
from hwsim.validation.csv_table import Record, read_table
from hwsim.validation.fusemax_layers import (
    LINEAR_MACHINES,
    MODELS,
    Priced,
    attention,
    attention_priced,
    linear,
    square_fusemax,
    whole_layer,
)

NAME = "fusemax"
CASE = ("table", "config", "model", "seq_len")
PICOJOULES, SQUARE_MICROMETRES = 1e12, 1e12
LENGTH = re.compile(r"([1-9][0-9]{0,6})([KM]?)", re.ASCII)
PARETO = re.compile(r"pareto_pe([1-9][0-9]{0,3})", re.ASCII)
MULTIPLES = {"": 1, "K": 2**10, "M": 2**20}
LONGEST = 2**24
PUBLISHED_NAMES = {"BQK": "QK"}
"""What the tables call an Einsum of the 1-pass cascade, where its text has another name."""

POINT = 0.01
RELATIVE = {"latency": 0.01, "traffic": 0.01}
SPEEDUP = 0.02
ENERGY, FUSEMAX_ENERGY = 0.15, 0.05

SIDE = 256
"""Rows and columns of the paper's grid (architecture.yaml of its artifact), where no table says otherwise."""

PAPER_LENGTHS = ("1K", "4K", "16K", "64K", "256K", "1M")
PUBLISHED = {"attention": (6.7, 0.79), "end to end": (5.3, 0.83)}
"""Speed-up and energy of FuseMax over FLAT as the paper's abstract states them."""


FUSED_TABLES = ("attention/flat/", "attention/fusemax", "pareto_pe")
"""Beginnings of the cases that are attention in one step."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a row is about; ``length`` is the number of tokens."""

    record: Record
    table: str
    config: str
    model: str
    length: int


Layer = Callable[[str, str, int], Priced]


def compare(data: Path | None = None) -> Comparison:
    """Compare every row of the CSV at ``data``.

    Raises:
        InputError: no data, unreadable data, or a row that names nothing we know, with its position.
    """
    if data is None:
        hint = "get the artifact's tables (micro24-fusemax-artifact), long form, and give them with --data"
        raise InputError("the figures of FuseMax are not part of hwsim", hint=hint)
    rows = tuple(_row(record) for record in read_table(data, (*CASE, "metric")))
    return Comparison(NAME, rows, (*NOTES, *averages()), _coverage(rows))


NOTES = (
    "utilisations are judged by 1 point, speed-ups by 2 %; ratios of energies follow from the energies.",
    "energy: operations, registers, rows of the buffer and DRAM, no leakage, as the published has none.",
    "linear layers: ours moves each operand once, so traffic (not judged) is below that of XLM's mapping.",
    "pareto: not judged; the published traffic is that of a band of 512, areas follow another PE.",
)


def _coverage(rows: tuple[Row, ...]) -> tuple[Coverage, ...]:
    """What the latencies of fused attention say about the model of it: for which arrays and which sizes."""
    cases = {row.case for row in rows if row.metric == "latency" and row.case.startswith(FUSED_TABLES)}
    if not cases:
        return ()
    parts = [case.split("/") for case in sorted(cases)]
    sides = [int(match[1]) if (match := PARETO.fullmatch(table)) else SIDE for table, *_ in parts]
    lengths = [tokens(length) for *_, length in parts]
    widths = [MODELS[model].head_width for _, _, model, _ in parts]
    sizes = {"rows": sides, "columns": sides, "M": lengths, "N": lengths, "K": widths}
    covered = {name: (min(values), max(values)) for name, values in sizes.items()}
    return (
        Coverage(
            FUSED_ATTENTION,
            "attention latency",
            "latency",
            "FuseMax, MICRO 2024",
            covered,
            FUSED_TABLES,
            tuple(sorted({each.machine for each in CONFIGURATIONS.values()})),
        ),
    )


@cache
def averages() -> tuple[str, ...]:
    """FuseMax over FLAT on the paper's grid (four models, 1K to 1M), beside what it states."""
    found = {
        "attention": [_ratios(attention_priced, *case) for case in _grid()],
        "end to end": [_ratios(whole_layer, *case) for case in _grid()],
    }
    return tuple(_average(what, ratios) for what, ratios in found.items())


def _grid() -> list[tuple[str, int]]:
    return [(model, tokens(length)) for model in MODELS for length in PAPER_LENGTHS]


def _ratios(layer: Layer, model: str, length: int) -> tuple[float, float]:
    """The speed-up of FuseMax over FLAT, and its share of FLAT's energy."""
    ours, base = layer("fusemax", model, length), layer("flat", model, length)
    return base.latency_s / ours.latency_s, ours.energy_j / base.energy_j


def _average(what: str, ratios: list[tuple[float, float]]) -> str:
    speedup, energy = (math.fsum(each) / len(ratios) for each in zip(*ratios, strict=True))
    published_speedup, published_energy = PUBLISHED[what]
    return (
        f"average over {len(ratios)} points, {what}: {speedup:.2f} x FLAT (published {published_speedup} x), "
        f"{energy:.0%} of its energy (published {published_energy:.0%})"
    )


def tokens(text: str) -> int:
    """The number behind ``16K`` or ``1M``.

    Raises:
        InputError: it is no such number, or larger than any that makes sense.
    """
    match = LENGTH.fullmatch(text)
    if not match or int(match[1]) * MULTIPLES[match[2]] > LONGEST:
        raise InputError(f"{text!r} is no length of a sequence", hint="such as 512, 16K or 1M")
    return int(match[1]) * MULTIPLES[match[2]]


def _row(record: Record) -> Row:
    try:
        length = tokens(record.text_of("seq_len"))
        table, config = record.text_of("table"), record.text_of("config")
        case = Case(record, table, config, record.one_of("model", MODELS), length)
        metrics = _metrics(case)
        metric = record.one_of("metric", metrics)
    except InputError as error:
        raise error.at(record.place("seq_len")) from error
    reference = record.reference("value")
    name = "/".join(record.text_of(column) for column in CASE)
    return Row(name, metric, reference, metrics[metric], _tolerance(case, metric, reference))


def _metrics(case: Case) -> Mapping[str, float]:
    """What can be computed for a case, by the name of the metric."""
    if case.table == "attention":
        return {**_attention_metrics(case), **_relative_metrics(case, attention_priced)}
    if case.table == "end2end":
        layer = whole_layer(case.record.one_of("config", CONFIGURATIONS), case.model, case.length)
        return {**_layer_metrics(layer), **_relative_metrics(case, whole_layer)}
    if case.table == "linear_layers":
        hardware = case.record.one_of("config", LINEAR_MACHINES)
        found = linear(hardware, case.model, case.length)
        return {**_layer_metrics(found), "traffic": found.traffic_bytes}
    return _pareto_metrics(case)


def _attention_metrics(case: Case) -> dict[str, float]:
    config = case.record.one_of("config", CONFIGURATIONS)
    found, priced = attention(config, case.model, case.length)
    busy = {f"util_2d_of_{PUBLISHED_NAMES.get(n, n)}": u for n, u in found.grid_utilization.items()}
    return {
        **_layer_metrics(priced),
        "traffic": priced.traffic_bytes,
        "util_2d": math.fsum(found.grid_utilization.values()),
        "util_1d": found.lane_utilization,
        **busy,
    }


def _layer_metrics(priced: Priced) -> dict[str, float]:
    return {"latency": priced.latency_s, "energy": priced.energy_j * PICOJOULES}


def _relative_metrics(case: Case, layer: Layer) -> dict[str, float]:
    ours = layer(case.config, case.model, case.length)
    others = {base: layer(base, case.model, case.length) for base in CONFIGURATIONS if base != case.config}
    speedups = {f"speedup_vs_{b}": o.latency_s / ours.latency_s for b, o in others.items()}
    energies = {f"energy_vs_{b}": ours.energy_j / o.energy_j for b, o in others.items()}
    return {**speedups, **energies}


def _pareto_metrics(case: Case) -> dict[str, float]:
    match = PARETO.fullmatch(case.table)
    if not match:
        hint = did_you_mean(case.table, ("attention", "linear_layers", "end2end", "pareto_pe256"))
        raise InputError(f"table: unknown {case.table!r}", case.record.place("table"), hint)
    case.record.one_of("config", ("fusemax",))
    arch, found = square_fusemax(int(match[1]), case.model, case.length)
    return {
        "latency": found.latency_s,
        "traffic": found.traffic.total_bytes,
        "mem_lat": found.dram_s,
        "comp_2d_lat": found.grid_s,
        "comp_1d_lat": found.lanes_s,
        "array_2d_area": _area(arch, "array_2d") * SQUARE_MICROMETRES,
        "area": sum(_area(arch, part.name) for part in arch.walk()) * SQUARE_MICROMETRES,
    }


def _area(arch: Arch, name: str) -> float:
    price = arch.find(name).attributes.area_price(load_technology(arch.technology))
    return price.value if price else 0.0


def _tolerance(case: Case, metric: str, reference: Value) -> float | None:
    """The largest relative error accepted; None for what is reported only."""
    if PARETO.fullmatch(case.table) or metric.startswith("energy_vs_"):
        return None
    if metric == "traffic" and case.table == "linear_layers":
        return None
    if metric == "energy":
        return FUSEMAX_ENERGY if case.config in ("fusemax", "fusemax_hw") else ENERGY
    if metric.startswith("util_"):
        known = isinstance(reference, int | float) and not isinstance(reference, bool)
        return POINT / abs(float(reference)) if known and reference else 0.0
    return RELATIVE.get(metric, SPEEDUP)
