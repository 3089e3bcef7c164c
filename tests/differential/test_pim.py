"""The PIM model against NewtonSim's runs: equal in every column of every row."""

from __future__ import annotations

import pytest

from hwsim.spec.errors import InputError
from hwsim.validation.references import pim

HEADER = "mode,logit_tiles_per_chunk,attend_heads,reads,pim_last_cycle"


def test_pim_and_reads_alone_are_equal_and_both_at_once_within_two_per_cent():
    """Theirs opens a group for PIM when its first bank is ready; ours waits for all four, by the rules."""
    found = pim.compare(None)
    assert len(found.rows) == 22 * 6
    off = [row for row in found.rows if row.error]
    assert {row.case for row in off} <= {"dual/16/0/2048", "dual/8/8/1024", "dual/10/8/4096"}
    assert max(abs(row.error) for row in off) < 0.02


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("both,1,0,0,578", "mode: unknown 'both'"),
        ("dual,x,0,0,578", "logit_tiles_per_chunk: 'x' is not a whole number"),
        ("dual,1,0,-1,578", "reads: '-1' is not a whole number"),
    ],
)
def test_malformed_lines_have_a_place(tmp_path, line, what):
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEADER}\n{line}\n")
    with pytest.raises(InputError) as caught:
        pim.compare(path)
    assert what in caught.value.message
    assert caught.value.position.line == 2
