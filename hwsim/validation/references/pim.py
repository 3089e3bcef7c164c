"""NewtonSim, the PIM memory model of NeuPIMs (commit f299af3): one HBM2 channel, PIM and reads at once.

The runs are our own of that simulator. Ours is computed from the input columns alone: mode,
logit_tiles_per_chunk, attend_heads, reads. Cycles are those of the call-back, one after the last data.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hwsim.engines.dram.device import load_device
from hwsim.validation.comparison import Comparison, Row, Value
from hwsim.validation.csv_table import Record, read_table

if TYPE_CHECKING:
    from hwsim.engines.pim.program import Instruction
    from hwsim.engines.pim.simulate import PimRun

SHIPPED = Path(__file__).parent.parent / "data" / "pim.csv"
KEYS = ("mode", "logit_tiles_per_chunk", "attend_heads", "reads")
# Row buffers a bank and the device, by mode.
MODES = {"dual": (2, "hbm2_neupims"), "single": (1, "hbm2_newton")}
CYCLES = ("pim_last_cycle", "read_last_cycle", "pim_queue_busy_cycles")
JUDGED_FROM = 2000
TOLERANCE = 0.10
CHUNKS, LOGIT_STEPS, ATTEND_TILES, ATTEND_STEPS = 2, (8, 8, 8, 8), 4, (32,)
# The announcement of an attend tile names as many read-outs as that of a logit tile: with one alone, the long
# runs with one row buffer fit a tile more between two refreshes than theirs.
ANNOUNCED_READOUTS = 4
# Rows of the bank array that no read of these runs touches.
LOADED_ROW, FIRST_TILE_ROW = 16384, 16385
# From the last read-out to the end of its data, and from there to the call-back.
BUSY_TO_LAST, CALL_BACK = 17, 1
NOTES = (
    f"rows of {JUDGED_FROM} cycles and more are judged at {TOLERANCE:.0%}; smaller ones are reported.",
    "an attend tile is announced with four read-outs, like a logit tile.",
    "theirs opens a group for PIM when its first bank is ready; ours waits for all four.",
)


def compare(data: Path | None = None) -> Comparison:
    """Compare all rows of the CSV (or folder of them) at ``data``, or of the table in the package.

    Raises:
        InputError: the table is unreadable or a cell of it has no meaning, with file, line and column.
    """
    records = read_table(data or SHIPPED, KEYS)
    return Comparison("pim", tuple(row for record in records for row in _rows(record)), NOTES)


def _rows(record: Record) -> list[Row]:
    case = "/".join(record.text_of(key) for key in KEYS)
    return [
        Row(case, metric, record.reference(metric), ours, _tolerance(metric, ours))
        for metric, ours in metrics(record).items()
    ]


def _tolerance(metric: str, ours: Value) -> float | None:
    if metric not in CYCLES:
        return 0.0
    return TOLERANCE if isinstance(ours, int) and ours >= JUDGED_FROM else None


def metrics(record: Record) -> dict[str, Value]:
    """Every compared number of a row by its column."""
    program, reads = _program(record), _whole(record, "reads")
    run = _run(record, program, reads)
    pim_last = run.pim_last + CALL_BACK if program else 0
    sent = sum(each.kind != "announce" for each in program)
    return {
        "pim_requests": sent,
        "pim_done": sent,
        "pim_last_cycle": pim_last,
        "read_done": int((run.done >= 0).sum()),
        "read_last_cycle": run.request_last + CALL_BACK if reads else 0,
        "pim_queue_busy_cycles": pim_last - BUSY_TO_LAST if program else 0,
    }


def _run(record: Record, program: list[Instruction], reads: int) -> PimRun:
    from hwsim.engines.dram.address import address_map_of
    from hwsim.engines.dram.streams import stream
    from hwsim.engines.pim.machine import PimController
    from hwsim.engines.pim.simulate import NO_REQUESTS, simulate_pim

    row_buffers, name = MODES[record.one_of("mode", MODES)]
    device = load_device(name)
    requests = stream("seq", reads, 0, address_map_of(device)) if reads else NO_REQUESTS
    return simulate_pim(device, program, requests, PimController(row_buffers=row_buffers))


def _program(record: Record) -> list[Instruction]:
    """Two chunks of logit tiles, each after a load, then attend heads, each a load and four tiles."""
    from hwsim.engines.pim.program import Instruction, tile

    tiles, heads = _whole(record, "logit_tiles_per_chunk"), _whole(record, "attend_heads")
    composite = record.one_of("mode", MODES) == "dual"
    program: list[Instruction] = []
    row = FIRST_TILE_ROW
    for parts, steps, count in (
        (CHUNKS if tiles else 0, LOGIT_STEPS, tiles),
        (heads, ATTEND_STEPS, ATTEND_TILES),
    ):
        for _ in range(parts):
            program.append(Instruction("load", LOADED_ROW))
            for _ in range(count):
                program += tile(row, steps, composite, ANNOUNCED_READOUTS)
                row += 1
    return program


def _whole(record: Record, column: str) -> int:
    text = record.text_of(column)
    if not text.isdecimal() or int(text) > 10**6:
        raise record.wrong(column, f"{text!r} is not a whole number from 0 to a million")
    return int(text)
