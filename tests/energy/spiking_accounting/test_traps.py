"""Every trap of published spiking-network energies is found, and no trap where there is none."""

from __future__ import annotations

import pytest

from hwsim.energy.load import load_technology
from hwsim.energy.spiking_accounting.convention import TECHNOLOGY, Convention, SpikingAttention
from hwsim.energy.spiking_accounting.stem import stem_of
from hwsim.energy.spiking_accounting.traps import Figure, traps_in

TABLE = load_technology(TECHNOLOGY)
CONVENTION = Convention.of(TABLE)
STEM_48 = 27 * 48 * 224 * 224
STEM_64 = 27 * 64 * 224 * 224
SEW_STEM = 147 * 64 * 112 * 112


def kinds(*figures):
    return {(trap.kind, trap.figure) for trap in traps_in(figures, CONVENTION, TABLE)} - {
        ("no_memory", "all")
    }


def figure(model, macs, acs=3e9, steps=4, claimed=None, name="x"):
    return Figure(name, model, steps, macs, acs, claimed)


def test_the_convention_is_that_of_the_papers():
    assert CONVENTION.mac == pytest.approx(4.6e-12)
    assert CONVENTION.accumulate == pytest.approx(0.9e-12)
    assert CONVENTION.energy(2e9, 3e9) == pytest.approx(2e9 * 4.6e-12 + 3e9 * 0.9e-12)


def test_stems_follow_from_names():
    assert stem_of("Spikformer-8-384 (original)").macs == STEM_48
    assert stem_of("Spikingformer-8-512").macs == STEM_64
    assert stem_of("sew_resnet18").macs == SEW_STEM
    assert stem_of("VGG-11") is None


@pytest.mark.parametrize(
    ("model", "macs", "kind"),
    [
        ("Spikformer-8-384", 4 * STEM_48, None),
        ("Spikformer-8-384", 4 * STEM_48 + 385_000, None),
        ("Spikformer-8-384", 4 * STEM_64, "stem_width"),
        ("Spikformer-8-512", STEM_64, "stem_once"),
        ("SEW-ResNet-34", SEW_STEM, "stem_once"),
        ("SEW-ResNet-34", 4 * SEW_STEM, None),
        ("sew_resnet18", 2.75e9, "multi_bit"),
        ("VGG-11", SEW_STEM, None),
    ],
)
def test_what_the_stem_is_charged(model, macs, kind):
    assert kinds(figure(model, macs)) == ({(kind, "x")} if kind else set())


def test_a_stem_charged_once_says_what_it_would_be():
    (trap, _) = traps_in([figure("SEW-ResNet-34", SEW_STEM, 3.88e9)], CONVENTION, TABLE)
    assert trap.text == "stem charged once, not 4 times: 5.663 mJ instead of 4.035 mJ"


def test_a_rate_multiplied_twice():
    once = CONVENTION.energy(0, 2.5e9)
    assert kinds(figure("VGG-11", 0, 2.5e9, claimed=0.137 * once)) == {("rate_twice", "x")}
    assert kinds(figure("VGG-11", 0, 2.5e9, claimed=once)) == set()


def test_one_network_in_two_accountings():
    first = figure("Spikformer-8-512 (original)", 4 * STEM_64, claimed=11.58e-3, acs=11.09e9, name="a")
    second = figure("Spikformer-8-512", 4 * STEM_64, claimed=18.82e-3, acs=11.09e9, name="b")
    assert kinds(first, second) == {("two_accountings", "a, b")}


def test_memory_is_never_counted():
    traps = traps_in([figure("VGG-11", 0)], CONVENTION, TABLE)
    assert [trap.kind for trap in traps] == ["no_memory"]
    assert "5 pJ from 8 KiB" in traps[0].text
    assert traps_in([], CONVENTION, TABLE) == ()


def test_attention_that_multiplies_keys_and_values_first():
    layer = SpikingAttention(dim=512, heads=8, tokens=784, query_rate=0.2, key_rate=0.1, value_rate=0.05)
    assert layer.accumulates == pytest.approx(784 * 8 * 64**2 * 0.25)
