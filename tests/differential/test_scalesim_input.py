"""Tables of users: what counts as input, and how a bad one is refused."""

from __future__ import annotations

import csv
import random
from importlib.resources import files

import pytest

from hwsim.spec.errors import InputError
from hwsim.validation.references.scalesim import compare

SHIPPED = (files("hwsim.validation") / "data" / "scalesim.csv").read_text()
REFERENCE_COLUMNS = [
    *("total_cycles", "stall_cycles", "mapping_eff", "sram_ifmap_reads", "sram_filter_reads"),
    *("sram_ofmap_writes", "dram_ifmap_reads", "dram_filter_reads"),
]


def table(tmp_path, change):
    """The first rows of the shipped table after ``change(header, rows)``."""
    header, *rows = list(csv.reader(SHIPPED.splitlines()[:12]))
    header, rows = change(header, [dict(zip(header, row, strict=True)) for row in rows])
    path = tmp_path / "table.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, header, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_ours_depends_on_the_inputs_alone(tmp_path):
    source = random.Random(1)

    def scramble(header, rows):
        return header, [row | {name: str(source.random()) for name in REFERENCE_COLUMNS} for row in rows]

    def blank(header, rows):
        return header, [row | dict.fromkeys(REFERENCE_COLUMNS, "") for row in rows]

    def without(header, rows):
        return [name for name in header if name not in REFERENCE_COLUMNS], rows

    def words(header, rows):
        return header, [row | dict.fromkeys(REFERENCE_COLUMNS, "nan or so") for row in rows]

    def reversed_columns(header, rows):
        return header[::-1], rows

    plain = compare(table(tmp_path, lambda header, rows: (header, rows)))
    ours = [(row.case, row.metric, row.ours) for row in plain.rows]
    for change in (scramble, blank, without, words, reversed_columns):
        changed = compare(table(tmp_path, change))
        assert [(row.case, row.metric, row.ours) for row in changed.rows] == ours
    assert all(row.reference is None and row.error is None for row in compare(table(tmp_path, blank)).rows)
    assert compare(table(tmp_path, without)).summary() == []
    assert compare(table(tmp_path, scramble)).failed > 0
    assert {row.error for row in compare(table(tmp_path, words)).rows} == {1.0}


def test_a_folder_of_tables(tmp_path):
    table(tmp_path, lambda header, rows: (header, rows[:2])).rename(tmp_path / "b.csv")
    table(tmp_path, lambda header, rows: (header, rows[2:5])).rename(tmp_path / "a.csv")
    cases = list(dict.fromkeys(row.case for row in compare(tmp_path).rows))
    names = [row["case"] for row in csv.DictReader(SHIPPED.splitlines()[:6])]
    assert cases == names[2:5] + names[:2]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("dataflow", "rs", "dataflow: unknown 'rs'"),
        ("array_h", "0", "array_h: 0 is below 1"),
        ("array_w", "4.5", "array_w: '4.5' is not a whole number"),
        ("ifmap_sram_kb", "", "ifmap_sram_kb: '' is not a whole number"),
        ("kind", "pool", "kind: unknown 'pool'"),
        ("bw_mode", "calc", "did you mean 'CALC'"),
        ("filter_h", "999", "the filter (999) is taller than the input"),
        ("channels", "9999999999", "the input has more than"),
    ],
)
def test_a_bad_cell_is_placed(tmp_path, column, value, message):
    def change(header, rows):
        first_conv = next(row for row in rows if row["kind"] == "conv")
        first_conv[column] = value
        return header, [first_conv]

    path = table(tmp_path, change)
    with pytest.raises(InputError) as caught:
        compare(path)
    assert message in str(caught.value)
    line = path.read_text().splitlines()[1]
    at = caught.value.position
    assert (at.file, at.line, at.text) == (str(path), 2, line)
    if message != "the input has more than":
        assert line[at.column - 1 :].startswith(value)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("", "the table is empty", 1),
        (SHIPPED.replace("array_h", "aray_h"), "column 'array_h' is missing; did you mean 'aray_h'?", 1),
        (SHIPPED.replace("array_h", "array_w"), "column 'array_w' comes twice", 1),
        (SHIPPED[:900], "the line has 2 cells, the header 40", 4),
    ],
)
def test_a_bad_table_is_placed(tmp_path, text, message, line):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        compare(path)
    assert message in str(caught.value)
    assert caught.value.position.line == line


def test_unreadable(tmp_path):
    (tmp_path / "binary.csv").write_bytes(b"case\xff\x00")
    for path in (tmp_path / "none.csv", tmp_path / "binary.csv", tmp_path):
        with pytest.raises(InputError):
            compare(path)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match=r"no \.csv file"):
        compare(empty)
