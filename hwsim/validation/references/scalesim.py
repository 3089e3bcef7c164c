"""SCALE-Sim 3.0.0: cycles, mapping efficiency, SRAM and DRAM counts, layer by layer.

Ours is computed from the input columns alone (machine and layer); the other columns are only compared with.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from hwsim.engines.systolic.actions import edge_actions
from hwsim.engines.systolic.folds import Dataflow, compute_cycles, fold_grid, fold_shape
from hwsim.engines.systolic.lowering import Conv, Gemm
from hwsim.engines.systolic.refill import filter_reads, ifmap_reads
from hwsim.validation.comparison import Comparison, Coverage, Row, Value
from hwsim.validation.csv_table import Record, read_table

DATAFLOWS: dict[str, Dataflow] = {
    "os": "output_stationary",
    "ws": "weight_stationary",
    "is": "input_stationary",
}
GEMM_COLUMNS = ("M", "N", "K")
CONV_COLUMNS = ("ifmap_h", "ifmap_w", "filter_h", "filter_w", "channels", "num_filters", "stride")
INPUTS = (
    *("case", "dataflow", "array_h", "array_w", "ifmap_sram_kb", "filter_sram_kb", "bw_mode", "kind"),
    *GEMM_COLUMNS,
    *CONV_COLUMNS,
)

# Words of input that SCALE-Sim's address matrices and ours can hold in a few gigabytes.
LARGEST_INPUT = 2**28

# Floats added up in another order differ in the last bits; ours are in theirs, see mapping_percent.
TOLERANCES = {"mapping_eff": 1e-12}

NOTES = (
    "compute_cycles: the reference is total_cycles - stall_cycles + 1, as theirs is the last cycle's index.",
    "mapping_eff is in percent, added up in SCALE-Sim's order so that it can be equal to the last bit.",
    "sram_ofmap_writes of os: folds x (array_h + array_w), which SCALE-Sim counts in excess, is taken off.",
    "dram_ifmap_reads, dram_filter_reads: CALC only; in USER SCALE-Sim counts null lanes and padding.",
)


@dataclass(frozen=True, slots=True)
class Case:
    """The input columns of one line: the array, its SRAMs and the layer."""

    name: str
    rows: int
    cols: int
    dataflow: Dataflow
    layer: Gemm | Conv
    ifmap_kb: int
    filter_kb: int
    estimates_bandwidth: bool

    @property
    def gemm(self) -> Gemm:
        """The layer as a product."""
        return self.layer if isinstance(self.layer, Gemm) else self.layer.lowered()

    @property
    def folds(self) -> int:
        """Times the array is filled."""
        row_folds, col_folds = self.fold_grid
        return row_folds * col_folds

    @property
    def fold_grid(self) -> tuple[int, int]:
        """Folds along the rows and along the columns of the array."""
        return fold_grid(self.rows, self.cols, self.dataflow, self.gemm.M, self.gemm.N, self.gemm.K)


def compare(data: Path | None) -> Comparison:
    """Compare all rows of the CSV (or folder of them) at ``data``, or of the table in the package.

    Raises:
        InputError: the table is unreadable or a cell of it has no meaning, with file, line and column.
    """
    if data is not None:
        return _compare(data)
    with as_file(files("hwsim.validation") / "data" / "scalesim.csv") as shipped:
        return _compare(shipped)


def _compare(path: Path) -> Comparison:
    records = read_table(path, INPUTS)
    cases = [_case(record) for record in records]
    rows = [row for record, case in zip(records, cases, strict=True) for row in _rows(record, case)]
    return Comparison("scalesim", tuple(rows), NOTES, _coverage(cases))


def _coverage(cases: list[Case]) -> tuple[Coverage, ...]:
    values = {
        "rows": [case.rows for case in cases],
        "columns": [case.cols for case in cases],
        "stationary_registers": [1 for _ in cases],
        **{axis: [getattr(case.gemm, axis) for case in cases] for axis in GEMM_COLUMNS},
    }
    covered = {name: (min(seen), max(seen)) for name, seen in values.items() if seen}
    return (Coverage("systolic_array", "array cycles", "compute_cycles", "SCALE-Sim 3.0.0", covered),)


def _rows(record: Record, case: Case) -> list[Row]:
    """The compared metrics of one layer."""
    ours = counts(case)
    reference: dict[str, Value] = {metric: record.reference(metric) for metric in ours}
    reference["compute_cycles"] = _counted_cycles(record)
    reference["sram_ofmap_writes"] = _without_excess(case, reference["sram_ofmap_writes"])
    return [
        Row(case.name, metric, reference[metric], value, TOLERANCES.get(metric, 0.0))
        for metric, value in ours.items()
    ]


def _case(record: Record) -> Case:
    return Case(
        name=record.text_of("case"),
        rows=record.count("array_h"),
        cols=record.count("array_w"),
        dataflow=DATAFLOWS[record.one_of("dataflow", DATAFLOWS)],
        layer=_layer(record),
        ifmap_kb=record.count("ifmap_sram_kb"),
        filter_kb=record.count("filter_sram_kb"),
        estimates_bandwidth=record.one_of("bw_mode", ("CALC", "USER")) == "CALC",
    )


def _layer(record: Record) -> Gemm | Conv:
    """The layer from its own columns; for a convolution M, N and K are derived, not read."""
    if record.one_of("kind", ("gemm", "conv")) == "gemm":
        return Gemm(*(record.count(column) for column in GEMM_COLUMNS))
    height, width, filter_h, filter_w, channels, filters, stride = map(record.count, CONV_COLUMNS)
    if filter_h > height:
        raise record.wrong("filter_h", f"the filter ({filter_h}) is taller than the input ({height})")
    if filter_w > width:
        raise record.wrong("filter_w", f"the filter ({filter_w}) is wider than the input ({width})")
    if height * width * channels > LARGEST_INPUT:
        raise record.wrong("ifmap_h", f"the input has more than {LARGEST_INPUT} words")
    return Conv(height, width, filter_h, filter_w, channels, filters, stride, stride)


def counts(case: Case) -> dict[str, Value]:
    """Every compared metric of one layer by its column; DRAM reads only where bandwidth is estimated."""
    array = (case.rows, case.cols, case.dataflow)
    gemm = case.gemm
    problem = (gemm.M, gemm.N, gemm.K)
    edge = edge_actions(*array, *problem)
    ours: dict[str, Value] = {
        "compute_cycles": compute_cycles(*array, *problem),
        "mapping_eff": mapping_percent(case),
        "sram_ifmap_reads": edge.input_reads,
        "sram_filter_reads": edge.weight_reads,
        "sram_ofmap_writes": edge.output_writes,
    }
    if case.estimates_bandwidth:
        ours["dram_ifmap_reads"] = ifmap_reads(*array, case.layer, case.ifmap_kb)
        ours["dram_filter_reads"] = filter_reads(*array, gemm, case.filter_kb)
    return ours


def mapping_percent(case: Case) -> float:
    """Mean share of used PEs over the folds, in percent, added up fold by fold as SCALE-Sim does."""
    Sr, Sc, _ = fold_shape(case.dataflow, case.gemm.M, case.gemm.N, case.gemm.K)
    elements = case.rows * case.cols
    used_rows = [min(case.rows, Sr - row) for row in range(0, Sr, case.rows)]
    total = 0.0
    for column in range(0, Sc, case.cols):
        used_cols = min(case.cols, Sc - column)
        for used in used_rows:
            total += used * used_cols / elements
    return total / case.folds * 100


def _counted_cycles(record: Record) -> Value:
    """Their last cycle's index without stalls, as a count; a cell that is no number stands for itself."""
    total, stall = record.reference("total_cycles"), record.reference("stall_cycles")
    if total is None or stall is None:
        return None
    if isinstance(total, str) or isinstance(stall, str):
        return total if isinstance(total, str) else stall
    return total - stall + 1


def _without_excess(case: Case, writes: Value) -> Value:
    """The reference writes without what SCALE-Sim counts in excess under output stationary."""
    if not isinstance(writes, int | float) or case.dataflow != "output_stationary":
        return writes
    return writes - case.folds * (case.rows + case.cols)
