"""The cascades that a layer is costed with are the ones that compute it, masks and biases included."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import special

from hwsim.einsum.interpreter.run import run_cascade
from hwsim.einsum.passes import analyse
from hwsim.mapping.fused.choice import FUSED
from hwsim.mapping.fused.configurations import FLAT, FUSEMAX
from hwsim.mapping.fused.loops import loop_nest, tile_timeline
from hwsim.mapping.fused.need import LENGTHS, buffer_needs
from hwsim.mapping.fused.search import flat_choice, fusemax_choice
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.fused.variants import attention_cascade, configured
from hwsim.mapping.fused.work import attention_work

from .layers import machine, shape

RNG = np.random.default_rng(7)
E, F, P, M1, M0 = 8, 5, 12, 3, 4
M = M1 * M0


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("biases", [0, 1, 2])
def test_masks_and_biases_compute_what_they_cost(masked, biases):
    q, k, v = (RNG.normal(size=size) for size in ((E, P), (E, M), (F, M)))
    added = {f"BIAS{number + 1}": RNG.normal(size=(M, P)) for number in range(biases)}
    scores = k.T @ q + sum(added.values())
    if masked:
        scores = np.where(np.arange(M)[:, None] <= np.arange(P), scores, -np.inf)
    wanted = v @ special.softmax(scores, axis=0)
    plain = attention_cascade("attention_3pass", masked, biases)
    assert run_cascade(plain, {"Q": q, "K": k, "V": v, **added})["AV"] == pytest.approx(wanted)
    tiled = attention_cascade("attention_1pass", masked, biases)
    tiles = {name: each.reshape(M1, M0, P) for name, each in added.items()}
    inputs = {"Q": q, "BK": k.reshape(E, M1, M0), "BV": v.reshape(F, M1, M0), **tiles}
    assert run_cascade(tiled, inputs)["AV"] == pytest.approx(wanted)


@pytest.mark.parametrize("masked", [False, True])
def test_they_make_as_many_passes_as_without(masked):
    for name, passes in (("attention_3pass", 3), ("attention_1pass", 1)):
        assert analyse(attention_cascade(name, masked, 1)).passes["M"] == passes


def test_every_einsum_of_a_cascade_has_its_place():
    of = AttentionShape(1, 1, 64, 64, 8, 8, masked=True, biases=2)
    for name, plain in FUSED.items():
        cascade = attention_cascade(plain.cascade, of.masked, of.biases)
        for arch in (machine("fusemax_cloud"), machine("tpu_v1")):
            placed = configured(plain, arch, of).einsums
            assert sorted(placed) == sorted(cascade.producers), name


def test_a_layer_without_either_is_as_published():
    arch = machine("flat_cloud")
    assert configured(FLAT, arch, shape()) == FLAT
    assert configured(FUSEMAX, machine("fusemax_cloud"), shape()) == FUSEMAX


def test_the_loop_nest_names_every_einsum_once():
    arch, of = machine("fusemax_edge"), shape(4096)
    for choose in (flat_choice, fusemax_choice):
        choice = choose(arch, of)
        work = attention_work(arch, choice, of)
        lines = list(loop_nest(arch, choice, of, work))
        stages = [line for line in lines if "array_2d: " in line or "array_1d: " in line]
        words = " ".join(stages).replace(",", " ").split()
        assert sorted(word for word in words if word in work.einsum_cycles) == sorted(work.einsum_cycles)
        assert len(stages) == sum(len(phase) for phase in work.configuration.phases)


def test_a_tile_of_the_timeline_takes_its_share_of_the_time():
    arch, of = machine("fusemax_cloud"), shape(4096)
    choice = fusemax_choice(arch, of)
    work = attention_work(arch, choice, of)
    spans = tile_timeline(arch, of, work)
    tiles = of.instances * 16 * 16
    assert max(span.start + span.cycles for span in spans) * tiles == pytest.approx(work.cycles)
    for one, other in pairwise(spans):
        assert one.component != other.component or one.start + one.cycles <= other.start + 1e-9


def test_only_the_one_pass_cascade_needs_no_more_buffer_for_longer_sequences():
    needs = buffer_needs(machine("fusemax_cloud"), shape(), "fusemax")
    growth = {way: sizes[-1] / sizes[0] for way, sizes in needs.items()}
    assert growth["fusemax"] == 1
    assert growth["unfused"] == (LENGTHS[-1] / LENGTHS[0]) ** 2
    assert growth["flat"] > 100
