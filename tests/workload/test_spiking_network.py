"""Spiking networks by their layers: sizes and operations as published, rates where they belong."""

from __future__ import annotations

import pytest

from hwsim.engines.neuromorphic.layer_statistics import statistics_of
from hwsim.spec.errors import InputError
from hwsim.spec.library import names
from hwsim.workload.load import load_workload

SPIKING = [entry.name for entry in names("workload") if entry.folder == "spiking"]

PARAMETERS_M = {
    "spikeformer_8_512": 29.68,
    "spikingformer_8_512": 29.68,
    "spike_driven_transformer_8_512": 29.68,
    "spike_driven_transformer_v2_55m": 55.4,
    "qsd_transformer_v2_55m": 55.4,
    "sew_resnet18": 11.69,
    "sew_resnet34": 21.79,
    "sew_resnet50": 25.56,
}
"""Millions of parameters as papers state them; normalisation and biases are not modelled here."""
ACCUMULATES_G = {
    "spikingformer_8_512": 6.51754094,
    "spikeformer_8_512": 11.09,
    "sew_resnet34": 3.88,
    "sew_resnet50": 4.83,
}


def accumulates(workload):
    return sum(each.synaptic_ops for each in statistics_of(workload) if not each.multi_bit)


@pytest.mark.parametrize("name", PARAMETERS_M)
def test_weights_are_those_published(name):
    assert load_workload(name).parameter_count / 1e6 == pytest.approx(PARAMETERS_M[name], rel=0.01)


@pytest.mark.parametrize("name", ACCUMULATES_G)
def test_accumulates_are_those_published(name):
    assert accumulates(load_workload(name)) / 1e9 == pytest.approx(ACCUMULATES_G[name], rel=0.02)


def test_dense_operations_are_those_of_the_measured_log():
    workload = load_workload("spikingformer_8_512")
    found = {each.name: each for each in statistics_of(workload)}
    assert found["stem0"].dense == 346_816_512
    assert found["stem1"].dense == 9 * 64 * 128 * 112**2 * 4
    assert found["block0.mlp.up"].dense == 512 * 2048 * 196 * 4
    assert found["block3.attention.ssa.query"].dense == 205_520_896
    assert found["stem0"].multi_bit
    assert found["block5.mlp.down"].synaptic_ops / found["block5.mlp.down"].dense == pytest.approx(
        0.00952562647
    )


def test_attention_counts_as_the_papers_do():
    """T heads N (dim/heads)^2 (min(rate k, rate v) + rate q)."""
    found = {each.name: each for each in statistics_of(load_workload("spikingformer_8_512"))}
    state, mixed = found["block0.attention.ssa.state"], found["block0.attention.ssa.mixed"]
    each = 4 * 8 * 196 * 64**2
    assert state.synaptic_ops == pytest.approx(each * min(0.0362634477, 0.0695770798), rel=1e-6)
    assert mixed.synaptic_ops == pytest.approx(each * 0.172301886, rel=1e-6)


@pytest.mark.parametrize("name", SPIKING)
def test_rates_have_a_source_or_are_called_assumed(name):
    text = next(entry.path for entry in names("workload") if entry.name == name).read_text()
    assert "source:" in text
    workload = load_workload(name)
    measured = name in ("spikingformer_8_512", "spikingbrain_7b")
    assert any("assumed" in note for note in workload.notes) != measured


def test_one_rate_for_all_is_said_and_scales_the_operations():
    low, high = (load_workload("sew_resnet18", (f"rate={rate}",)) for rate in (0.05, 0.1))
    assert accumulates(high) == pytest.approx(2 * accumulates(low))
    assert any("rate of 0.05" in note for note in low.notes)


def test_steps_and_batch_multiply_everything_but_weights():
    one, more = load_workload("sew_resnet18"), load_workload("sew_resnet18", ("timesteps=8", "batch=3"))
    assert more.macs == 6 * one.macs
    assert more.parameter_count == one.parameter_count


FAULTS = {
    "{kind: attention, name: a, form: ssa, heads: 3, rate: 0.1, query_rate: 0.1, key_rate: 0.1, "
    "value_rate: 0.1, output_rate: 0.1}": "3 heads do not divide 8 channels",
    "{kind: conv, name: a, channels: 4, groups: 3}": "3 groups do not divide",
    "{kind: repeat, name: r, times: 3, layers: [{kind: conv, name: a, channels: 8, rate: [0.1, 0.2]}]}": (
        "2 rates"
    ),
    "{kind: sparse_conv, name: a, channels: 4, taps: 27, neighbours: 12, sites: 9}": "one row of them",
    "{kind: conv, name: a, channels: 4, rate: 1.5}": "1.5",
    "{kind: convv, name: a, channels: 4}": "convv",
}


@pytest.mark.parametrize("layer", FAULTS)
def test_layers_that_do_not_fit_are_refused(tmp_path, layer):
    file = tmp_path / "net.yaml"
    file.write_text(
        f"name: net\nfamily: spiking_network\nconfig: {{channels: 8, places: [6, 6], layers: [{layer}]}}\n"
    )
    with pytest.raises(InputError, match=FAULTS[layer]) as error:
        load_workload(str(file))
    assert error.value.position is not None


@pytest.mark.parametrize("form", ["ssa", "ssa_linear", "sdsa_1", "sdsa_2", "sdsa_3"])
def test_every_form_of_attention_counts_its_own_operations(tmp_path, form):
    attention = (
        f"{{kind: attention, name: a, form: {form}, heads: 2, rate: 0.5, query_rate: 0.25, key_rate: 0.5, "
        "value_rate: 0.5, output_rate: 0.125}"
    )
    file = tmp_path / "net.yaml"
    file.write_text(
        f"name: net\nfamily: spiking_network\nconfig: {{channels: 8, places: [10], layers: [{attention}]}}\n"
        "parameters: {timesteps: 3}\n"
    )
    found = {each.name: each for each in statistics_of(load_workload(str(file)))}
    steps, channels, places, head = 3, 8, 10, 4
    own = sum(each.dense for name, each in found.items() if name.split(".")[-1] in _OWN)
    dense = {
        "ssa": 2 * steps * channels * places * places,
        "ssa_linear": 2 * steps * channels * places * head,
        "sdsa_3": 2 * steps * channels * places * head,
        "sdsa_1": 2 * steps * channels * places,
        "sdsa_2": 2 * steps * channels * places,
    }
    assert own == dense[form]


_OWN = ("scores", "mixed", "state", "column", "masked")
