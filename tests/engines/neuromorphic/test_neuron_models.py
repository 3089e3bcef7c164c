"""Each neuron model against its equations in plain numpy, one neuron driven by one input train."""

from __future__ import annotations

import math

import numpy as np
import pytest
from strategies.spiking_chips import mesh
from strategies.spiking_networks import network, rasters

from hwsim.engines.neuromorphic.chip import chip_of
from hwsim.engines.neuromorphic.run import run_network
from hwsim.spec.errors import InputError
from hwsim.workload.spiking.models import MODE_PARAMETERS, NEURON_MODELS, RESET_MODES

STEPS = 120
CHIP = chip_of(mesh())
RNG = np.random.default_rng(11)
TRAIN = sorted(int(step) for step in np.flatnonzero(RNG.random(STEPS) < 0.5) + 1)


def fired(model, weight, seed=0, **parameters):
    """The steps at which neuron 1 fires, driven by neuron 0 with ``weight``."""
    from dataclasses import replace

    given = {name: [0.0, value] for name, value in parameters.items()}
    net = network([0, 1], [(0, 1, weight)], steps=STEPS, model=model, trains={0: TRAIN}, **given)
    run = run_network(CHIP, replace(net, seed=seed), net.cores)
    return [step for step, who in enumerate(rasters(run), start=1) if 1 in who]


def inputs(weight):
    """The current that neuron 1 reads in each step: a spike is read one step later."""
    return [weight if step - 1 in TRAIN else 0.0 for step in range(1, STEPS + 1)]


def test_linear_is_the_current_based_neuron():
    u = v = 0.0
    expected = []
    for step, x in enumerate(inputs(3.0), start=1):
        u = 0.8 * u + 0.5 * x
        v = 0.9 * v + 0.7 * u + 0.25 * x + 0.1
        if v > 4.0:
            expected.append(step)
            v = -1.0
    given = {"u_decay": 0.8, "u_input": 0.5, "v_decay": 0.9, "v_current": 0.7, "v_input": 0.25}
    assert fired("linear", 3.0, bias=0.1, threshold=4.0, reset=-1.0, **given) == expected
    assert len(expected) > 5


@pytest.mark.parametrize(
    ("mode", "after"), [("soft", lambda v: v - 4.0), ("none", lambda v: v), ("saturate", lambda v: 4.0)]
)
def test_reset_modes(mode, after):
    v, expected = 0.0, []
    for step, x in enumerate(inputs(3.0), start=1):
        v = 0.5 * v + x
        if v > 4.0:
            expected.append(step)
            v = after(v)
    assert fired("linear", 3.0, v_decay=0.5, threshold=4.0, reset_mode=RESET_MODES[mode]) == expected
    assert expected


def test_alif_raises_its_threshold_with_every_spike():
    v = raised = 0.0
    expected = []
    for step, x in enumerate(inputs(2.0), start=1):
        v = 0.9 * v + x
        spike = v > 1.5 + raised
        raised *= 0.95
        if spike:
            expected.append(step)
            v, raised = 0.0, raised + 0.6
    given = {"v_decay": 0.9, "threshold": 1.5, "threshold_decay": 0.95, "threshold_jump": 0.6}
    assert fired("alif", 2.0, **given) == expected
    assert 3 < len(expected) < len(fired("linear", 2.0, v_decay=0.9, threshold=1.5))


def test_eif():
    v, expected = -65.0, []
    for step, x in enumerate(inputs(30.0), start=1):
        slope = -65.0 - v + 2.0 * math.exp(min((v + 50.0) / 2.0, 60.0)) + x + 5.0
        v += 0.5 / 10.0 * slope
        if v > 0.0:
            expected.append(step)
            v = -65.0
    assert fired("eif", 30.0, dt=0.5, tau=10.0, bias=5.0) == expected
    assert expected


def test_izhikevich_spikes_regularly_on_a_constant_current():
    v, u, expected = -65.0, 0.2 * -65.0, []
    for step in range(1, STEPS + 1):
        rate = 0.04 * v * v + 5 * v + 140 - u + 10.0
        u += 0.02 * (0.2 * v - u)
        v += rate
        if v >= 30.0:
            expected.append(step)
            v, u = -65.0, u + 8.0
    assert fired("izhikevich", 0.0, bias=10.0) == expected
    assert len(expected) > 2


def test_truenorth_leaks_towards_zero_and_saturates():
    v, expected = 0.0, []
    for step, x in enumerate(inputs(-7.0), start=1):
        v += -2.0 if v > 0 else 2.0 if v < 0 else 0.0
        v += 4.0 + x
        if v >= 9.0:
            expected.append(step)
            v -= 9.0
        elif v <= -5.0:
            v = -5.0
    given = {"leak": 2.0, "bias": 4.0, "threshold": 9.0, "reverse_threshold": -5.0}
    modes = {"reset_mode": RESET_MODES["soft"], "reverse_reset_mode": RESET_MODES["saturate"]}
    assert fired("truenorth", -7.0, **given, **modes) == expected


def test_a_stochastic_threshold_depends_on_its_seed_alone():
    given = {"bias": 3.0, "threshold": 20.0, "threshold_mask": 15.0}
    first, again, other = (fired("truenorth", 2.0, seed=seed, **given) for seed in (1, 1, 2))
    assert first == again != other
    sharp = fired("truenorth", 2.0, bias=3.0, threshold=20.0)
    assert len(first) < len(sharp)


def test_inclusive_thresholds_and_finer_potentials():
    assert fired("lif", 4.0, leak_decay=0.0, threshold=4.0) == []
    assert fired("lif", 4.0, leak_decay=0.0, threshold=4.0, inclusive=1.0) == [
        step + 1 for step in TRAIN if step < STEPS
    ]
    coarse = fired("lif", 0.011, leak_decay=0.99, threshold=0.05)
    assert coarse != fired("lif", 0.011, leak_decay=0.99, threshold=0.05, quantum=0.0)


def test_every_model_says_what_it_is():
    assert sorted(model.code for model in NEURON_MODELS.values()) == list(range(len(NEURON_MODELS)))
    assert all(model.says for model in NEURON_MODELS.values())
    assert {name for model in NEURON_MODELS.values() for name in model.defaults} >= MODE_PARAMETERS


def test_loihi_counts_in_its_own_integers():
    u = v = refractory = 0
    expected = []
    for step, x in enumerate(inputs(37), start=1):
        u = int(math.copysign((abs(u) * (4096 - 410 - 1)) >> 12, u)) + 64 * int(x)
        v = int(math.copysign((abs(v) * (4096 - 205)) >> 12, v))
        if refractory == 0:
            v += u + 3
            if v > 64 * 100:
                expected.append(step)
                v, refractory = 0, 3
        refractory = max(0, refractory - 1)
    given = {"current_decay": 410.0, "voltage_decay": 205.0, "bias": 3.0, "refractory_delay": 3.0}
    assert fired("loihi", 37.0, threshold=100.0, **given) == expected
    assert len(expected) > 5


def test_loihis_current_wraps_at_24_bits():
    assert fired("loihi", 100_000.0, threshold=1000.0)
    assert not fired("loihi", 131_072.0 + 100.0, threshold=1000.0)


def test_egru_is_its_equations_and_sends_its_value():
    from strategies.spiking_chips import mesh as chip_with

    ports = (4.0, -2.0, 3.0, 1.5)
    edges = [(0, 1, weight) for weight in ports] + [(1, 2, 2.0)]
    net = network([0, 1, 2], edges, steps=STEPS, model="linear", trains={0: TRAIN}, threshold=[0.0, 0.3, 0.4])
    net = with_egru(net, ports)
    run = run_network(chip_of(chip_with(graded="true")), net, net.cores)
    c, sent, expected, heard, value = 0.0, [], [], [], 0.0
    for step, x in enumerate(inputs(1.0), start=1):
        heard += [step] if 2.0 * value > 0.4 else []
        gates = [x * weight for weight in ports]
        u, r = (1 / (1 + math.exp(-(gate + bias))) for gate, bias in zip(gates, (-1.0, 0.5), strict=False))
        z = math.tanh(gates[2] + r * gates[3] + 0.1)
        c = u * z + (1 - u) * c
        value = c if c > 0.3 else 0.0
        if value:
            expected.append(step)
            sent.append(value)
            c -= 0.3
    found = rasters(run)
    assert [step for step, who in enumerate(found, start=1) if 1 in who] == expected
    assert [step for step, who in enumerate(found, start=1) if 2 in who] == heard
    assert len(set(sent)) > 3
    assert 3 < len(heard) < STEPS


def with_egru(net, ports):
    """Neuron 1 as a gated unit whose four synapses end at one port each; neuron 2 fires without memory."""
    from dataclasses import replace

    from hwsim.workload.spiking.network import Population

    own = dict.fromkeys(("bias_update", "bias_reset", "bias"), 0.0) | {
        "bias_update": -1.0,
        "bias_reset": 0.5,
        "bias": 0.1,
    }
    parameters = {name: np.array([np.nan, value, np.nan]) for name, value in own.items()}
    parameters |= {"threshold": np.array([np.nan, 0.3, 0.4]), "v_decay": np.array([np.nan, np.nan, 0.0])}
    port = np.array([ports.index(weight) if weight in ports else 0 for weight in net.weight.tolist()])
    port[net.source == 1] = 0
    populations = (
        Population("in", None, "input"),
        Population("units", None, "egru"),
        Population("out", None, "linear"),
    )
    return replace(
        net, populations=populations, population=np.array([0, 1, 2]), parameters=parameters, port=port
    )


def test_graded_spikes_multiply_weights_by_their_value():
    from dataclasses import replace

    edges = [(0, 1, 1.5), (1, 2, 2.0)]
    given = {"threshold": [0.0, 1.0, 2.5], "v_decay": [0.0, 0.5, 0.0], "graded": [0.0, 1.0, 0.0]}
    net = network([0, 1, 2], edges, steps=STEPS, model="linear", trains={0: TRAIN}, **given)
    v, value, heard = 0.0, 0.0, []
    for step, x in enumerate(inputs(1.5), start=1):
        heard += [step] if 2.0 * value > 2.5 else []
        v = 0.5 * v + x
        value = v if v > 1.0 else 0.0
        v = 0.0 if value else v
    found = rasters(run_network(chip_of(mesh(graded="true")), net, net.cores))
    assert [step for step, who in enumerate(found, start=1) if 2 in who] == heard
    with pytest.raises(InputError, match="neuron 1 sends graded spikes"):
        run_network(CHIP, net, net.cores)
    plain = replace(net, parameters={**net.parameters, "graded": np.array([np.nan, 0.0, 0.0])})
    assert not any(2 in who for who in rasters(run_network(CHIP, plain, net.cores)))


def test_a_port_that_the_target_does_not_have_is_refused():
    from dataclasses import replace

    net = network([0, 1], [(0, 1, 1.0)], steps=5, model="lif", trains={0: [1]})
    with pytest.raises(InputError, match="ends at port 2, its target has 1"):
        run_network(CHIP, replace(net, port=np.array([2])), net.cores)
