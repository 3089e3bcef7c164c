"""The comparison with SANA-FE: everything within tolerance, and wrong references found."""

from __future__ import annotations

import json
import shutil

import pytest

from hwsim.spec.errors import InputError
from hwsim.validation.references.sanafe import SHIPPED, compare


def test_every_shipped_case_is_within_tolerance():
    found = compare()
    assert found.failed == 0
    exact = (
        "neurons_fired",
        "neurons_updated",
        "synaptic_events",
        "packets",
        "hops",
        "raster_sha256",
        "fired",
    )
    assert all(row.ours == row.reference for row in found.rows if row.metric in exact)
    assert {row.case for row in found.rows if row.metric == "raster_sha256"} == {
        each.parent.name for each in SHIPPED.glob("*/case.json")
    }


def test_a_wrong_reference_fails_and_a_missing_one_is_reported(tmp_path):
    for name in ("arch", "ff64_1core"):
        shutil.copytree(SHIPPED / name, tmp_path / name)
    case = tmp_path / "ff64_1core"
    result = json.loads((case / "result.json").read_text())
    result["hops"] += 1
    del result["packets"]
    (case / "result.json").write_text(json.dumps(result))
    (case / "perf.csv").unlink()
    rows = {row.metric: row for row in compare(case).rows if row.case == "ff64_1core"}
    assert rows["hops"].failed
    assert rows["packets"].reference is None
    assert rows["packets"].ours is not None
    assert compare(case).failed == 1


def test_a_folder_without_cases_is_refused(tmp_path):
    with pytest.raises(InputError, match="there is no case"):
        compare(tmp_path)
