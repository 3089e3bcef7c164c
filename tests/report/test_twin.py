"""A spiking network against its dense twin: closed forms by hand, break-even where the curves cross."""

from __future__ import annotations

import pytest

from hwsim.energy.spiking_accounting.break_even import LEAST, MOST, break_even
from hwsim.engines.neuromorphic.layer_statistics import statistics_of
from hwsim.report.twin.question import Question, Settings, answer_of
from hwsim.workload.load import load_workload

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


def question(name, *overrides, chip=None, **settings):
    return Question(name, overrides, "edge_npu", chip, Settings(**settings))


def by_name(answer):
    return {row["accounting"]: row for row in answer["accountings"]}


def test_the_papers_convention_is_its_formula(small):
    found = by_name(answer_of(question(small)))
    stem, other = 9 * 4 * 16 * 64, 9 * 16 * 32 * 64
    papers = found["papers"]
    assert papers["energy_j"] == pytest.approx(1e-12 * (4.6 * 3 * stem + 0.9 * 3 * 0.2 * other))
    assert papers["twin_energy_j"] == pytest.approx(1e-12 * 4.6 * (stem + other))
    expected = (4.6 * (stem + other) - 4.6 * 3 * stem) / (0.9 * 3 * other)
    assert papers["break_even_rate"] == pytest.approx(min(MOST, expected), rel=1e-6)


def test_memory_is_counted_part_by_part(small):
    asked = question(small, sram_bytes=32 * 2**10, weight_bits=4, potential_bits=12)
    found = by_name(answer_of(asked))
    costs, layers = asked.costs, statistics_of(load_workload(small))
    operations = sum(each.synaptic_ops for each in layers if not each.multi_bit)
    multi = sum(each.synaptic_ops for each in layers if each.multi_bit)
    updates, both = sum(each.updates for each in layers), costs.read + costs.write
    bits = sum(each.fired + (0 if each.multi_bit else each.spikes) for each in layers)
    compute = operations * costs.accumulate + multi * costs.mac + updates * (costs.mac + costs.accumulate)
    rest = (operations + multi) * 4 * costs.read + bits * both / 2
    rest += costs.leakage * (operations + multi) / costs.rate
    assert found["compute"]["energy_j"] == pytest.approx(compute)
    stationary = compute + rest + updates * 12 * both
    assert found["memory_stationary"]["energy_j"] == pytest.approx(stationary)
    scatter = stationary + (operations + multi) * 12 * both
    assert found["memory_scatter"]["energy_j"] == pytest.approx(scatter)


def test_break_even_is_where_the_curves_meet():
    asked = question("sew_resnet18", "timesteps=1")
    for each in asked.accountings():
        if each.rate is None:
            assert each.energy(LEAST) > each.twin
        elif each.rate < MOST:
            assert each.energy(each.rate) == pytest.approx(each.twin, rel=1e-6)
        else:
            assert each.energy(MOST) <= each.twin


@pytest.mark.parametrize(("slope", "expected"), [(100.0, 0.1), (5.0, MOST), (1e9, None)])
def test_break_even_of_a_line(slope, expected):
    assert break_even(lambda rate: slope * rate + (100 if slope == 1e9 else 0), 10.0) == pytest.approx(
        expected
    )


def test_wider_weights_never_lower_the_energy(small):
    energies = [
        by_name(answer_of(question(small, weight_bits=bits)))["memory_scatter"]["energy_j"]
        for bits in (4, 8, 16)
    ]
    assert energies == sorted(energies)
