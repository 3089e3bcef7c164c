"""DRAMsim3 (commit 2981759): cycles, latencies, commands and energies of request streams.

The runs are our own, of that simulator on the streams of :mod:`hwsim.engines.dram.streams`. Ours is computed
from the input columns alone: device, variant, pattern, n, seed, issue_width.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hwsim.engines.dram.controller import Controller
from hwsim.engines.dram.device import Device, load_device
from hwsim.spec.errors import InputError
from hwsim.validation.comparison import Comparison, Row, Value
from hwsim.validation.csv_table import Record, read_table

if TYPE_CHECKING:
    from hwsim.engines.dram.simulate import DramRun

SHIPPED = Path(__file__).parent.parent / "data" / "dram.csv"
KEYS = ("device", "variant", "pattern", "n", "seed")
# Devices of the reference that are ours with another number of channels.
CHANNELS = {"HBM2_1ch": ("hbm2", 1), "HBM2_8ch": ("hbm2", 8)}
VARIANTS = {
    "base": Controller(),
    "noref": Controller(refresh="none"),
    "close": Controller(row_policy="closed_page"),
}
ENERGIES = {
    "e_act_pj": "activate",
    "e_rd_pj": "read",
    "e_wr_pj": "write",
    "e_ref_pj": "refresh",
    "e_actstb_pj": "active_standby",
    "e_prestb_pj": "idle_standby",
}
# What is judged; all other columns are reported. Two commands a cycle are the delicate part.
CYCLES, CYCLES_IN_PAIRS = 0.01, 0.02
TIMES = ("cycles_last_completion", "cycles_last_accept", "sim_cycles", "bw_gbps")
TOLERANCES = {
    **{"act": 0.01, "rd_cmds": 0.01, "wr_cmds": 0.01, "read_lat_avg": 0.03},
    **dict.fromkeys((*ENERGIES, "e_total_pj"), 0.02),
}
NOTES = (
    "e_*_pj are in volt x mA x cycle as the reference has them: times the clock period in ns for pJ.",
    "writes that stay buffered at the end, on both sides, never reach the DRAM: wr_cmds are those that do.",
)
_PICO, _NANO, _GIGA = 1e-12, 1e-9, 1e9


def compare(data: Path | None = None) -> Comparison:
    """Compare all rows of the CSV (or folder of them) at ``data``, or of the table in the package.

    Raises:
        InputError: the table is unreadable or a cell of it has no meaning, with file, line and column.
    """
    records = read_table(data or SHIPPED, KEYS)
    return Comparison("dram", tuple(row for record in records for row in _rows(record)), NOTES)


def _rows(record: Record) -> list[Row]:
    case = "/".join(record.text_of(key) for key in KEYS)
    run = _run(record)
    times = dict.fromkeys(TIMES, CYCLES_IN_PAIRS if run.device.dual_issue else CYCLES)
    tolerances = {**TOLERANCES, **times}
    return [
        Row(case, metric, record.reference(metric), ours, tolerances.get(metric))
        for metric, ours in metrics(run).items()
    ]


def metrics(run: DramRun) -> dict[str, Value]:
    """Every compared number of a run by its column."""
    from hwsim.engines.dram.metrics import counts_of, latencies_of

    rate = round(run.bandwidth / _GIGA, 4)
    return {**counts_of(run), **latencies_of(run), "bw_gbps": rate, **_energies(run)}


def _energies(run: DramRun) -> dict[str, Value]:
    """Energies in the reference's unit, to the first decimal: there is no more to them."""
    unit = _PICO * run.device.file.clock_period / _NANO
    known = {metric: run.energy.terms.get(term) for metric, term in ENERGIES.items()}
    known["e_total_pj"] = run.energy.total
    return {metric: None if value is None else round(value / unit, 1) for metric, value in known.items()}


def _run(record: Record) -> DramRun:
    from hwsim.engines.dram.address import address_map_of
    from hwsim.engines.dram.simulate import simulate
    from hwsim.engines.dram.streams import stream

    device = _device(record)
    controller = VARIANTS[record.one_of("variant", VARIANTS)]
    count, seed, width = record.count("n"), _seed(record), _issue_width(record, device)
    try:
        requests = stream(record.text_of("pattern"), count, seed, address_map_of(device))
    except InputError as error:
        raise InputError(error.message, record.place("pattern"), error.hint) from error
    return simulate(device, requests, controller, issue_width=width)


def _device(record: Record) -> Device:
    text = record.text_of("device")
    name, channels = CHANNELS.get(text, (text, None))
    try:
        return load_device(name, channels)
    except InputError as error:
        raise error.at(record.place("device")) from error


def _seed(record: Record) -> int:
    try:
        return int(record.text_of("seed"))
    except ValueError:
        raise record.wrong("seed", f"{record.text_of('seed')!r} is not a whole number") from None


def _issue_width(record: Record, device: Device) -> int:
    """As the table says; without a column of the name, one request a cycle for each channel."""
    given = "issue_width" in record.cells and record.text_of("issue_width")
    return record.count("issue_width") if given else device.organization.channels
