"""`hwsim validate cascades`: our value whatever the reference says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hwsim.spec.errors import InputError
from hwsim.validation.references.cascades import SHIPPED, compare

REFERENCE = Path(__file__).parents[2] / "../shared/reference/cascades"


def test_the_shipped_cascades_are_exact():
    found = compare(None)
    assert found.failed == 0
    assert len({row.case for row in found.rows}) == 18
    assert all(row.error == 0 for row in found.rows)


@pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the reference folder ../shared is not beside this checkout"
)
def test_the_shipped_cascades_are_those_of_the_reference():
    for file in REFERENCE.glob("*.yaml"):
        assert (SHIPPED / file.name).read_text() == file.read_text()


def test_rows_come_in_the_order_of_the_file():
    rows = [row.metric for row in compare(SHIPPED / "attention_naive.yaml").rows]
    assert rows[:5] == ["cascade.M", "cascade.P", "cascade.E", "QK.M.direct", "QK.M.lineage"]
    assert rows[-1] == "Q.P.footprint"


def rewritten(tmp_path, change):
    data = yaml.safe_load((SHIPPED / "attention_2pass.yaml").read_text())
    change(data)
    file = tmp_path / "case.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return {row.metric: row for row in compare(file).rows}


def test_a_wrong_value_changes_the_error_alone(tmp_path):
    def spoil(data):
        data["expect"]["cascade"]["M"] = 4
        data["expect"]["tensors"][0] |= {"direct": "seven", "lineage": None, "footprint": "O(1000)"}

    rows, right = rewritten(tmp_path, spoil), rewritten(tmp_path, lambda _: None)
    assert {metric: row.ours for metric, row in rows.items()} == {m: row.ours for m, row in right.items()}
    assert rows["cascade.M"].error == -0.5
    assert rows["BQK.M.direct"].error == rows["BQK.M.footprint"].error == 1
    assert rows["BQK.M.lineage"].error is None


def test_an_absent_column_is_reported_without_reference(tmp_path):
    rows = rewritten(tmp_path, lambda data: [entry.pop("asap") for entry in data["expect"]["tensors"]])
    assert (rows["SLD.M1.asap"].reference, rows["SLD.M1.asap"].ours) == (None, 2)


@pytest.mark.parametrize("part", ["cascade", "tensors", None])
def test_an_absent_part_is_reported_in_full(tmp_path, part):
    rows = rewritten(tmp_path, lambda data: data["expect"].pop(part) if part else data.pop("expect"))
    assert rows["cascade.M0"].ours == 3
    assert rows["SLD.M1.asap"].ours == 2
    assert rows["GM.P.direct" if part != "cascade" else "LM.M1.direct"].ours in (1, 2)


def test_a_rank_that_the_tensor_lacks_has_no_value_of_ours(tmp_path):
    rows = rewritten(tmp_path, lambda data: data["expect"]["tensors"][0].update(rank="F"))
    assert rows["BQK.F.direct"].ours is None
    assert rows["BQK.F.direct"].failed


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("[1]", "expect must be a mapping"),
        ("{cascade: [1]}", "expect.cascade must be a mapping"),
        ("{tensors: {X: 1}}", "expect.tensors must be a list"),
        ("{tensors: [{tensor: X}]}", "needs 'tensor' and 'rank'"),
        ("{tensor: []}", "unknown key 'tensor'"),
    ],
)
def test_an_expectation_in_another_form(tmp_path, expect, message):
    file = tmp_path / "case.yaml"
    file.write_text(f"inputs: {{X: [K]}}\neinsums: ['Y = X[k]']\nexpect: {expect}\n")
    with pytest.raises(InputError, match=message) as caught:
        compare(file)
    assert caught.value.position.line == 3


def test_a_folder_without_cascades(tmp_path):
    with pytest.raises(InputError, match="there is no cascade"):
        compare(tmp_path)
