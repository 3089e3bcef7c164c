"""The page of a study: the same for the same points, its sentences true."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from strategies.small_study import swept

import hwsim
from hwsim.explore.gate import parse_gate
from hwsim.explore.pareto import pareto_front
from hwsim.report.studies.choice import check_gates, write_any
from hwsim.report.studies.page import render
from hwsim.report.studies.points_data import packed, points
from hwsim.report.studies.survey import Survey, importance
from hwsim.report.studies.verdict import verdict
from hwsim.spec.errors import CheckFailed, InputError

ROOT = Path(hwsim.__file__).parents[1]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return swept(tmp_path_factory.mktemp("study"))


@given(
    arrays(
        float,
        st.tuples(st.integers(0, 30), st.integers(1, 3)),
        elements=st.sampled_from([0, 1, 2, 3, np.inf]),
    )
)
@settings(max_examples=60, deadline=None)
def test_a_front_is_what_nothing_beats(costs):
    def beaten(row):
        return any(
            (other <= row).all() and (other < row).any() for other in costs if np.isfinite(other).all()
        )

    wanted = [bool(np.isfinite(row).all()) and not beaten(row) for row in costs]
    assert pareto_front(costs).tolist() == wanted


def test_the_answer_names_the_best_point(found):
    survey = Survey(found)
    frame = found.results
    best = frame[frame["feasible"]].sort_values("latency_s").iloc[0]
    said = verdict(survey)[0]
    assert f"array.rows {best['array.rows']}" in said
    assert f"array.dataflow {best['array.dataflow']}" in said
    assert "within area_mm2 < 0.5" in said


def test_importance_is_a_share_of_the_variance(found):
    survey = Survey(found)
    shares = importance(survey, "latency_s")
    logs = np.log(found.results["latency_s"].to_numpy())
    rows = found.results["array.rows"].to_numpy()
    means = {value: logs[rows == value].mean() for value in set(rows)}
    spread = np.mean([(means[value] - logs.mean()) ** 2 for value in rows])
    assert shares["array.rows"] == pytest.approx(spread / logs.var())
    assert sum(shares.values()) <= 1 + 1e-9


def test_the_page_holds_every_number_of_the_store(found):
    data = json.loads(gzip.decompress(base64.b64decode(packed(Survey(found)))))
    assert data == json.loads(json.dumps(points(Survey(found))))
    metrics = {each["name"]: each["values"] for each in data["metrics"]}
    assert metrics["latency_s"] == found.results["latency_s"].tolist()
    assert metrics["energy_j"] == found.results["energy_j"].tolist()


def test_the_page_is_the_same_whatever_the_hash_seed(found):
    script = (
        "import sys, hashlib; from hwsim.explore.results import open_results;"
        "from hwsim.explore.answer import study_answer; import json;"
        "from hwsim.report.studies.page import render;"
        "f = open_results(sys.argv[1]); text = render(f) + json.dumps(study_answer(f));"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    digests = set()
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", script, str(found.path)]
        digests.add(
            subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
        )
    assert len(digests) == 1


def test_two_studies_are_compared_point_by_point(found, tmp_path):
    other = swept(tmp_path, name="slower", settings={"clock": "500 MHz"})
    page = render(other, found)
    assert "Compared with small" in page
    assert "points are in both" in page


def test_a_study_in_which_everything_fails_has_a_page(tmp_path):
    page = render(swept(tmp_path, name="bad", vary={"array.rows": [0]}))
    assert "No point could be computed" in page
    assert "1 points failed" in page


@pytest.mark.parametrize(
    ("condition", "fails"),
    [
        ("latency_s > 1.02x", False),
        ("latency_s >= 1x", True),
        ("latency_s > 1 s", False),
        ("latency_s > 1 ns", True),
        ("area_mm2 > 0.4", True),
        ("utilization < 0.5x", False),
    ],
)
def test_gates(found, condition, fails):
    if fails:
        with pytest.raises(CheckFailed, match=condition.split()[0]):
            check_gates(found.path, found.path, [condition])
    else:
        check_gates(found.path, found.path, [condition])


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("latency > 2x", "did you mean 'latency_s'"),
        ("latency_s = 3", "is no condition"),
        ("latency_s > 3 parsec", "number"),
    ],
)
def test_a_faulty_gate_is_told(condition, says):
    with pytest.raises(InputError, match=says):
        parse_gate(condition)


def test_a_relative_gate_needs_a_baseline(found):
    with pytest.raises(InputError, match="needs a baseline"):
        check_gates(found.path, None, ["latency_s > 1.02x"])


def test_a_study_is_not_compared_with_a_run(found, tmp_path):
    with pytest.raises(InputError, match="of different kinds"):
        write_any(found.path, None, tmp_path / "run.json")
