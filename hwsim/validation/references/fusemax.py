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
from hwsim.energy.load import load_technology
from hwsim.mapping.fused.configurations import CONFIGURATIONS
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.validation.comparison import Comparison, Row, Value
from hwsim.validation.csv_table import Record, read_table
from hwsim.validation.fusemax_layers import (
    LINEAR_MACHINES,
    MODELS,
    Priced,
    attention,
    linear,
    square_fusemax,
    whole_layer,
)

NAME = "fusemax"
COLUMNS = ("table", "config", "model", "seq_len", "metric", "value")
PICOJOULES, SQUARE_MICROMETRES = 1e12, 1e12
LENGTH = re.compile(r"([1-9][0-9]{0,6})([KM]?)", re.ASCII)
PARETO = re.compile(r"pareto_pe([1-9][0-9]{0,3})", re.ASCII)
MULTIPLES = {"": 1, "K": 2**10, "M": 2**20}
LONGEST = 2**24
RENAMED = {"QK": "BQK"}
"""The 1-pass cascade's own name of an Einsum."""

POINT = 0.01
RELATIVE = {"latency": 0.01, "traffic": 0.01}
SPEEDUP = 0.02
ENERGY, FUSEMAX_ENERGY = 0.15, 0.05
OVER_FLAT = "flat"

PAPER_LENGTHS = ("1K", "4K", "16K", "64K", "256K", "1M")
PUBLISHED = {"attention": (6.7, 0.79), "end to end": (5.3, 0.83)}
"""Speed-up and energy of FuseMax over FLAT as the paper's abstract states them."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a row is about; ``length`` is the number of tokens."""

    record: Record
    table: str
    config: str
    model: str
    length: int


Metric = Callable[[], float]


def compare(data: Path | None = None) -> Comparison:
    """Compare every row of the CSV at ``data``.

    Raises:
        InputError: no data, unreadable data, or a row that names nothing we know, with its position.
    """
    if data is None:
        hint = "get the artifact's tables (micro24-fusemax-artifact), long form, and give them with --data"
        raise InputError("the figures of FuseMax are not part of hwsim", hint=hint)
    rows = tuple(_row(record) for record in read_table(data, COLUMNS))
    return Comparison(NAME, rows, (*NOTES, *averages()))


NOTES = (
    "utilisations are judged by 1 point, speed-ups by 2 %; ratios of energies follow from the energies.",
    "energy: ours counts registers, buffer rows and leakage physically; how the published does is unknown.",
    "linear layers: ours moves each operand once, so traffic (not judged) is below that of XLM's mapping.",
    "pareto: not judged; the published traffic is that of a band of 512, areas follow another PE.",
)


@cache
def averages() -> tuple[str, ...]:
    """FuseMax over FLAT on the paper's grid (four models, 1K to 1M), beside what it states."""
    found = {
        "attention": [_ratios(lambda *case: attention(*case)[1], *case) for case in _grid()],
        "end to end": [_ratios(whole_layer, *case) for case in _grid()],
    }
    return tuple(_average(what, ratios) for what, ratios in found.items())


def _grid() -> list[tuple[str, int]]:
    return [(model, tokens(length)) for model in MODELS for length in PAPER_LENGTHS]


def _ratios(layer: Callable[[str, str, int], Priced], model: str, length: int) -> tuple[float, float]:
    """The speed-up of FuseMax over FLAT, and its share of FLAT's energy."""
    ours, base = layer("fusemax", model, length), layer(OVER_FLAT, model, length)
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
        case = Case(
            record,
            record.text_of("table"),
            record.text_of("config"),
            record.one_of("model", MODELS),
            length,
        )
        metrics = _metrics(case)
        metric = record.one_of("metric", metrics)
        ours = metrics[metric]()
    except InputError as error:
        raise error.at(record.place("seq_len")) from error
    reference = record.reference("value")
    name = "/".join(record.text_of(column) for column in COLUMNS[:4])
    return Row(name, metric, reference, ours, _tolerance(case, metric, reference))


def _metrics(case: Case) -> Mapping[str, Metric]:
    """What can be computed for a case, by the name of the metric."""
    if case.table == "attention":
        return {**_attention_metrics(case), **_relative_metrics(case, lambda *each: attention(*each)[1])}
    if case.table == "end2end":
        return {**_layer_metrics(case, whole_layer), **_relative_metrics(case, whole_layer)}
    if case.table == "linear_layers":
        hardware = case.record.one_of("config", LINEAR_MACHINES)
        found = linear(hardware, case.model, case.length)
        return {**_layer_metrics(case, linear), "traffic": lambda: found.traffic_bytes}
    return _pareto_metrics(case)


def _attention_metrics(case: Case) -> dict[str, Metric]:
    config = case.record.one_of("config", CONFIGURATIONS)
    found, priced = attention(config, case.model, case.length)
    label = {einsum: name for name, einsum in RENAMED.items()}
    busy = {f"util_2d_of_{label.get(n, n)}": _constant(u) for n, u in found.grid_utilization.items()}
    return {
        **_layer_metrics(case, lambda *each: attention(*each)[1]),
        "traffic": lambda: priced.traffic_bytes,
        "util_2d": lambda: math.fsum(found.grid_utilization.values()),
        "util_1d": lambda: found.lane_utilization,
        **busy,
    }


def _layer_metrics(case: Case, layer: Callable[[str, str, int], Priced]) -> dict[str, Metric]:
    known = LINEAR_MACHINES if layer is linear else CONFIGURATIONS
    priced = layer(case.record.one_of("config", known), case.model, case.length)
    return {"latency": lambda: priced.latency_s, "energy": lambda: priced.energy_j * PICOJOULES}


def _relative_metrics(case: Case, layer: Callable[[str, str, int], Priced]) -> dict[str, Metric]:
    ours = layer(case.config, case.model, case.length)
    others = {base: layer(base, case.model, case.length) for base in CONFIGURATIONS if base != case.config}
    speedups = {f"speedup_vs_{b}": _constant(o.latency_s / ours.latency_s) for b, o in others.items()}
    energies = {f"energy_vs_{b}": _constant(ours.energy_j / o.energy_j) for b, o in others.items()}
    return {**speedups, **energies}


def _pareto_metrics(case: Case) -> dict[str, Metric]:
    match = PARETO.fullmatch(case.table)
    if not match:
        known = ("attention", "linear_layers", "end2end", "pareto_pe256")
        raise case.record.wrong("table", f"unknown {case.table!r}{did_you_mean(case.table, known) or ''}")
    case.record.one_of("config", ("fusemax",))
    arch, found = square_fusemax(int(match[1]), case.model, case.length)
    return {
        "latency": lambda: found.latency_s,
        "traffic": lambda: found.traffic.total_bytes,
        "mem_lat": lambda: found.dram_s,
        "comp_2d_lat": lambda: found.grid_s,
        "comp_1d_lat": lambda: found.lanes_s,
        "array_2d_area": lambda: _area(arch, "array_2d") * SQUARE_MICROMETRES,
        "area": lambda: sum(_area(arch, part.name) for part in arch.walk()) * SQUARE_MICROMETRES,
    }


def _area(arch: Arch, name: str) -> float:
    price = arch.find(name).attributes.area_price(load_technology(arch.technology))
    return price.value if price else 0.0


def _constant(value: float) -> Metric:
    return lambda: value


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
