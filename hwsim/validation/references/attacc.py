"""AttAcc's simulator (2024): attention inside one HBM3-PIM stack, its cycles and column steps ("mac").

Ours is computed from the input columns alone: L, nhead, dhead, dbyte, pim_type, power_constraint.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hwsim.engines.dram.device import Device, load_device
from hwsim.engines.pim.attention import Attention, Unit, column_steps
from hwsim.spec.errors import InputError
from hwsim.validation.comparison import Comparison, Row
from hwsim.validation.csv_table import Record, read_table

KEYS = ("L", "nhead", "dhead", "dbyte", "pim_type", "power_constraint")
UNITS: dict[str, Unit] = {"BA": "bank", "BG": "bank_group", "BUFFER": "base_die"}
LIMITED = ("True", "False")
TOLERANCE = 0.05
NOTES = (
    "two slips of the source are counted as it does: after an even number of rounds the context of the last "
    "goes to all channels (whole_last_round); after an odd number a last round that is not full repeats its "
    "softmax and the moves before its context (repeated_last_round).",
    f"cycles are those of the busiest channel, run command by command, and judged at {TOLERANCE:.0%}.",
)


def compare(data: Path | None) -> Comparison:
    """Compare all rows of the CSV (or folder of them) at ``data``.

    Raises:
        InputError: there is no data, or the table is unreadable or a cell of it has no meaning.
    """
    if data is None:
        raise InputError(
            "hwsim ships no data for 'attacc': say where it is", hint="hwsim validate attacc --data PATH"
        )
    rows = tuple(row for record in read_table(data, KEYS) for row in _rows(record))
    return Comparison("attacc", rows, NOTES)


def _rows(record: Record) -> Iterator[Row]:
    from hwsim.engines.pim.stack import simulate_stack

    attention = Attention(*(record.count(column) for column in KEYS[:4]))
    if attention.dbyte not in (1, 2, 4):
        raise record.wrong("dbyte", f"{attention.dbyte} is not 1, 2 or 4")
    unit = UNITS[record.one_of("pim_type", UNITS)]
    case = "/".join(record.text_of(key) for key in KEYS)
    run = simulate_stack(_device(record, unit), attention, unit, repeated_last_round=True)
    yield Row(case, "cycle", record.reference("cycle"), run.cycles, TOLERANCE)
    yield Row(case, "mac", record.reference("mac"), column_steps(attention, unit, whole_last_round=True))


def _device(record: Record, unit: Unit) -> Device:
    from hwsim.engines.pim.stack import without_power_limit

    device = load_device(f"hbm3_attacc_{unit}")
    limited = record.one_of("power_constraint", LIMITED) == "True"
    return device if limited else without_power_limit(device)
