"""The DRAM model against DRAMsim3's runs: equal in every column of every row."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsim.spec.errors import InputError
from hwsim.validation.references import dram

HEADER = "device,variant,pattern,n,seed,issue_width,cycles_last_completion,act"


def test_every_row_is_equal():
    found = dram.compare(None)
    assert len(found.rows) == 65 * 25
    assert [(row.case, row.metric, row.reference, row.ours) for row in found.rows if row.error] == []


def test_cases_are_the_key_columns_and_ours_ignores_the_reference(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(f'{HEADER}\nHBM2_1ch,base,"local:p=0.9,w=0.3",100,13,1,1,\n')
    rows = {row.metric: row for row in dram.compare(path).rows}
    assert rows["act"].case == "HBM2_1ch/base/local:p=0.9,w=0.3/100/13"
    assert rows["act"].error is None
    assert rows["cycles_last_completion"].failed
    path.write_text(f'{HEADER}\nHBM2_1ch,base,"local:p=0.9,w=0.3",100,13,1,999,7\n')
    assert [row.ours for row in dram.compare(path).rows] == [row.ours for row in rows.values()]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("HBM3,base,seq,100,1,1,1,1", "there is no dram 'HBM3'"),
        ("HBM2_1ch,bass,seq,100,1,1,1,1", "variant: unknown 'bass'"),
        ("HBM2_1ch,base,sec,100,1,1,1,1", "no pattern 'sec'"),
        ("HBM2_1ch,base,seq,0,1,1,1,1", "n: 0 is below 1"),
        ("HBM2_1ch,base,seq,100,x,1,1,1", "seed: 'x' is not a whole number"),
        ("HBM2_1ch,base,seq,100,1", "the line has 5 cells"),
    ],
)
def test_malformed_lines_have_a_place(tmp_path, line, what):
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEADER}\n{line}\n")
    with pytest.raises(InputError) as caught:
        dram.compare(Path(path))
    assert what in caught.value.message
    assert caught.value.position.line == 2
