"""Published spiking-network energies, recomputed from whatever table is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsim.spec.errors import InputError
from hwsim.validation.references.snn_energy import compare

REFERENCE = Path(__file__).parents[2] / "../shared/reference/snn_energy"
HEAD = "id,model,T,macs_G,acs_G,e_mac_pJ,e_ac_pJ,claimed_mJ\n"


def table(tmp_path, *lines, head=HEAD):
    file = tmp_path / "figures.csv"
    file.write_text(head + "".join(line + "\n" for line in lines))
    return file


def test_ours_follows_from_the_operations_whatever_is_claimed(tmp_path):
    file = table(tmp_path, "a,VGG,4,1,2,4.6,0.9,99", "b,VGG-16,,0.5,1,3,1,", "c,X,4,1,1,,,5.5")
    rows = compare(file).rows
    assert [(row.case, row.metric) for row in rows] == [(case, "claimed_mJ") for case in "abc"]
    assert [row.ours for row in rows] == pytest.approx([6.4, 2.5, 5.5])
    assert [row.failed for row in rows] == [True, False, False]


@pytest.mark.parametrize("cell", ["many", "-1", ""])
def test_operations_that_are_no_number_have_their_place(tmp_path, cell):
    with pytest.raises(InputError) as error:
        compare(table(tmp_path, f"a,VGG,4,1,{cell},4.6,0.9,99"))
    assert "figures.csv:2:11: acs_G:" in str(error.value)


def test_a_log_of_layers_gives_rows_for_layers_and_totals(tmp_path):
    (tmp_path / "log.csv").write_text(
        "layer,kind,c_in,c_out,k,dense_ops_all_T,ac_ops,mac_ops,input_spike_rate_pct\n"
        "stem,Conv2d,3,8,3,1000000,0,1000000,100\n"
        "block.q,Conv1d,8,8,1,512,64,0,12.5\n"
        "block.rates,SSA,8,2,,0.5,0.25,0.125,\n"
    )
    rows = {(row.case, row.metric): row.ours for row in compare(tmp_path / "log.csv").rows}
    attention = 8 * 2 * 4**2 * (0.125 + 0.5)
    assert rows["log/block.q", "ac_ops"] == 64
    assert rows["log", "acs_G"] == pytest.approx((64 + attention) / 1e9)
    assert rows["log", "energy_mJ"] == pytest.approx((4.6 + 0.9 * (64 + attention) / 1e6) * 1e-3)


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the published figures are not beside this checkout")
def test_every_published_figure_recomputes_and_its_traps_are_named():
    found = compare(REFERENCE)
    assert found.failed == 0
    rows = {(row.case, row.metric): row for row in found.rows}
    assert sum(metric == "claimed_mJ" for _, metric in rows) == 8
    assert abs(rows["spikingformer_8_512_layers", "energy_mJ"].error) < 1e-9
    told = {note.split(":")[0] for note in found.notes if note.startswith("trap")}
    named = {"stem_width, p6", "stem_once, p7", "stem_once, p8", "multi_bit, p2", "no_memory, all"}
    assert {f"trap {each}" for each in named} <= told
