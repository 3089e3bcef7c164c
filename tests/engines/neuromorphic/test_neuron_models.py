"""Each neuron model against its equations in plain numpy, one neuron driven by one input train."""

from __future__ import annotations

import math

import numpy as np
import pytest
from strategies.spiking_chips import mesh
from strategies.spiking_networks import network, rasters

from hwsim.engines.neuromorphic.chip import chip_of
from hwsim.engines.neuromorphic.run import run_network
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
