"""AttAcc's simulator (2024): column steps ("mac") of attention inside one HBM3-PIM stack.

Ours is computed from the input columns alone: L, nhead, dhead, dbyte, pim_type.
"""

from __future__ import annotations

from pathlib import Path

from hwsim.engines.pim.attention import Attention, Unit, column_steps
from hwsim.spec.errors import InputError
from hwsim.validation.comparison import Comparison, Row
from hwsim.validation.csv_table import Record, read_table

KEYS = ("L", "nhead", "dhead", "dbyte", "pim_type", "power_constraint")
UNITS: dict[str, Unit] = {"BA": "bank", "BG": "bank_group", "BUFFER": "base_die"}
NOTES = (
    "counted with whole_last_round, a slip of the source: after an even number of rounds the context of the "
    "last goes to all channels.",
    "cycles are not compared: there is no command model of this stack yet.",
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
    return Comparison("attacc", tuple(_row(record) for record in read_table(data, KEYS)), NOTES)


def _row(record: Record) -> Row:
    attention = Attention(*(record.count(column) for column in KEYS[:4]))
    if attention.dbyte not in (1, 2, 4):
        raise record.wrong("dbyte", f"{attention.dbyte} is not 1, 2 or 4")
    unit = UNITS[record.one_of("pim_type", UNITS)]
    case = "/".join(record.text_of(key) for key in KEYS)
    return Row(case, "mac", record.reference("mac"), column_steps(attention, unit, whole_last_round=True))
