"""``hwsim compare-energy``: its JSON, its figure, and what it refuses."""

from __future__ import annotations

import json

import pytest

SMALL = """\
name: small
family: spiking_network
config: {channels: 4, places: [8, 8], layers: [{kind: conv, name: stem, channels: 16, kernel: 3},
  {kind: conv, name: next, channels: 32, kernel: 3, rate: 0.2}]}
parameters: {timesteps: 3}
"""


@pytest.fixture
def small(tmp_path):
    (tmp_path / "small.yaml").write_text(SMALL)
    return str(tmp_path / "small.yaml")


def test_the_command_answers_in_json_and_draws_one_figure(hwsim, tmp_path, small):
    done = hwsim(
        "compare-energy", small, "--arch", "spinnaker2", "--json", "-", "--report", str(tmp_path / "r.html")
    )
    assert done.status == 0, done.err
    answer = json.loads(done.out)
    assert [row["accounting"] for row in answer["accountings"]] == [
        "papers",
        "compute",
        "memory_stationary",
        "memory_scatter",
        "chip",
    ]
    for row in answer["accountings"]:
        curve = answer["curves"][row["accounting"]]
        assert curve == sorted(curve)
        assert len(curve) == len(answer["curves"]["rate"])
    assert any("a stem counts in every step" in note for note in answer["notes"])
    page = (tmp_path / "r.html").read_text()
    assert "energy-over-rate" in page
    assert "memory_scatter" in page


def test_bad_questions_are_refused(hwsim):
    done = hwsim("compare-energy", "bert_base")
    assert done.status == 2
    assert "no spiking network told by its layers" in done.err
    assert hwsim("compare-energy", "sew_resnet18", "--against", "loihi").status == 2
    assert hwsim("compare-energy", "sew_resnet18", "--sram", "many").status == 2
    assert hwsim("compare-energy", "sew_resnet18", "--set", "rate=2").status == 2
    done = hwsim("compare-energy", "spikeformer_8_512", "--arch", "loihi")
    assert done.status == 2
    assert "chips would hold it" in done.err
