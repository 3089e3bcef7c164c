"""The Eyeriss chip: processing latency, PEs in use and global-buffer traffic of layers as it was mapped.

Chen, Krishna, Emer, Sze, "Eyeriss: An Energy-Efficient Reconfigurable Accelerator for Deep Convolutional
Neural Networks", IEEE JSSC 52(1), 2017: mappings of table III, measurements of tables V (AlexNet) and VI
(VGG-16), which hwsim does not ship. A line of the data is a layer (sizes of the padded input and the filter,
channels, filters, stride, groups, images), its mapping (n, e, p, q, r, t of the paper) and what was measured.
For VGG-16 the paper has no mappings: ours were chosen so that PEs in use and traffic are those published, and
latency follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hwsim.arch.load import load_arch
from hwsim.engines.row_stationary import RowStationaryArray
from hwsim.engines.row_stationary.layer import Layer
from hwsim.engines.row_stationary.passes import Passes, lacking, start_cycles, strip_cycles, strip_words
from hwsim.engines.row_stationary.shapes import Fit, PeArray, fit_of
from hwsim.spec.errors import InputError
from hwsim.validation.comparison import Comparison, Coverage, Row
from hwsim.validation.csv_table import Record, read_table
from hwsim.workload.contraction import Window

NAME = "eyeriss"
LAYER = ("ifmap", "filter", "channels", "filters", "stride", "groups", "batch")
MAPPING = ("n", "e", "p", "q", "r", "t")
MEBI = 2**20
WORD_BYTES = 2

# Larger than any layer's sizes; the counts of such a layer fit 64 bits.
LARGEST_SIZE = 2**12

TOLERANCES = {"processing_ms": 0.06, "active_pes": 0.0, "buffer_mib": 0.06}

# Its published traffic is that of 6 channels a pass, where the published mapping has 4.
NOT_JUDGED = frozenset({("CONV3", "buffer_mib")})

NOTES = (
    "processing_ms: cycles of our closed forms for the chip's own mapping, at the clock of machine eyeriss.",
    "hwsim may find a mapping faster than the chip's: its traffic on VGG-16 is that of one channel a pass.",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A layer as it was mapped: ``images`` a pass, on ``tiles`` tiles of e rows one after another."""

    fit: Fit
    passes: Passes
    images: int
    tiles: int
    filters: int
    channels: int
    outputs: int


def compare(data: Path | None = None) -> Comparison:
    """Compare every line of the CSV at ``data``.

    Raises:
        InputError: no data, unreadable data, or a mapping that does not fit the array, with its position.
    """
    if data is None:
        hint = "write tables III, V and VI of the paper as a CSV and give it with --data"
        raise InputError("the measurements of Eyeriss are not part of hwsim", hint=hint)
    array, clock = _machine()
    records = read_table(data, ("layer", *LAYER, *MAPPING))
    cases = [_case(array, record) for record in records]
    rows = [row for record, case in zip(records, cases, strict=True) for row in _rows(clock, record, case)]
    return Comparison(NAME, tuple(rows), NOTES, _coverage(array, cases))


def _machine() -> tuple[PeArray, float]:
    """The array of the machine in the library, and its clock."""
    component = load_arch("eyeriss").find("array")
    assert isinstance(component.attributes, RowStationaryArray)
    return component.attributes.pes(component.instances), component.clock


def _case(array: PeArray, record: Record) -> Case:
    ifmap, taps, all_channels, all_filters, stride, groups, batch = (_size(record, name) for name in LAYER)
    n, e, p, q, r, t = (_size(record, name) for name in MAPPING)
    if taps > ifmap:
        raise record.wrong("filter", f"the filter ({taps}) is larger than the input ({ifmap})")
    out = (ifmap - taps) // stride + 1
    window = Window(out, taps, stride, 1, ifmap)
    fit = fit_of(array, Layer(window, window, 1))
    filters, channels = -(-all_filters // groups), -(-all_channels // groups)
    accumulations = -(-channels // (q * r)) * fit.pieces
    passes = Passes(e, p, q, r, t, 1, -(-filters // (p * t)), accumulations)
    lack = lacking(fit, passes)
    if lack:
        raise record.wrong("e", f"the mapping needs {lack}")
    tiles = groups * -(-batch // n) * -(-out // e)
    return Case(fit, passes, n, tiles, filters, channels, groups * batch * out * out * filters)


def _size(record: Record, column: str) -> int:
    value = record.count(column)
    if value > LARGEST_SIZE:
        raise record.wrong(column, f"{value} is more than {LARGEST_SIZE}")
    return value


def _rows(clock: float, record: Record, case: Case) -> list[Row]:
    name = record.text_of("layer")
    ours = {
        "processing_ms": 1e3 * _cycles(case) / clock,
        "active_pes": case.fit.rows * case.passes.e * case.passes.r * case.passes.t,
        "buffer_mib": WORD_BYTES * _buffer_words(case) / MEBI,
    }
    return [
        Row(name, metric, record.reference(metric), value, _tolerance(name, metric))
        for metric, value in ours.items()
    ]


def _tolerance(layer: str, metric: str) -> float | None:
    return None if (layer, metric) in NOT_JUDGED else TOLERANCES[metric]


def _cycles(case: Case) -> int:
    strip = strip_cycles(case.fit, case.passes, case.filters, case.channels)
    start = start_cycles(case.fit, case.passes, case.filters, case.channels)
    return case.tiles * int(case.images * strip + start)


def _buffer_words(case: Case) -> int:
    """Words of input and weights read from the global buffer, of sums written to it and read back."""
    words = int(strip_words(case.fit, case.passes.e))
    inputs = case.tiles * case.images * case.channels * words * case.passes.filter_groups
    weights = case.tiles * case.filters * case.channels * case.fit.layer.taps
    sums = case.outputs * case.passes.accumulations
    return int(inputs + weights + 2 * sums - case.outputs)


def _coverage(array: PeArray, cases: list[Case]) -> tuple[Coverage, ...]:
    values = {
        "rows": [array.rows for _ in cases],
        "columns": [array.columns for _ in cases],
        "M": [case.outputs // case.filters for case in cases],
        "N": [case.filters for case in cases],
        "K": [case.channels * case.fit.layer.taps for case in cases],
    }
    covered = {name: (min(seen), max(seen)) for name, seen in values.items() if seen}
    quantity, reference = "cycles of a given mapping", "Eyeriss chip, JSSC 2017"
    return (Coverage("row_stationary_array", quantity, "processing_ms", reference, covered),)
