"""Traps in published energies of spiking networks: what a figure counts that its neighbour does not.

Each was met when hwsim's reference figures were recomputed from their inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hwsim.arch.technology import Technology
from hwsim.energy.spiking_accounting.convention import Convention
from hwsim.energy.spiking_accounting.stem import Stem, stem_of

SAME = 1e-5
"""Published counts of operations are rounded; such a relative difference is none."""
FAR_BELOW = 0.5
"""A claim below this share of its own formula is no rounding."""
WEIGHT_BITS = 32
"""The convention's operands are 32-bit floating point, so an accumulate reads a weight of as many bits."""
SRAM_SIZES = (8 * 2**10, 32 * 2**10, 2**20)
SRAM_WIDTH = 8
"""Horowitz gives SRAM of these sizes, read 64 bits at a time."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A published energy: ``steps`` time steps, operations, and ``claimed`` joules."""

    id: str
    model: str
    steps: int | None
    macs: float
    accumulates: float
    claimed: float | None


@dataclass(frozen=True, slots=True)
class Trap:
    """One trap: ``kind`` is one word, ``text`` says what it does to which figure."""

    kind: str
    figure: str
    text: str


def traps_in(figures: Iterable[Figure], convention: Convention, technology: Technology) -> tuple[Trap, ...]:
    """Every trap found, figure by figure, then those between figures, then what none of them counts."""
    known = tuple(figures)
    return (
        *(trap for figure in known for trap in _stem_traps(figure, convention)),
        *(trap for figure in known for trap in _rate_traps(figure, convention)),
        *_unlike(known),
        *_memory(known, convention, technology),
    )


def _stem_traps(figure: Figure, convention: Convention) -> Iterator[Trap]:
    stem = stem_of(figure.model)
    if stem is None or figure.steps is None:
        return
    once, every = stem.macs, stem.macs * figure.steps
    if _matches(figure.macs, every, stem):
        return
    if figure.steps > 1 and _matches(figure.macs, once, stem):
        yield _trap(
            "stem_once", figure, convention, every - once, f"stem charged once, not {figure.steps} times"
        )
        return
    width = _other_width(figure, stem)
    if width:
        text = f"charged the stem of a network with {width} channels, its own has {stem.channels}"
        yield _trap(
            "stem_width", figure, convention, every - width * stem.macs_per_channel * figure.steps, text
        )
    elif figure.macs > every + (stem.head or 0):
        rest = (figure.macs - every) / 1e9
        text = f"{rest:.3g} G multiplications beyond the stem: layers with multi-bit input count as such"
        yield Trap("multi_bit", figure.id, text)


def _trap(kind: str, figure: Figure, convention: Convention, missing: float, text: str) -> Trap:
    """A trap that leaves ``missing`` multiply-accumulates out (or, below zero, adds them)."""
    ours = convention.energy(figure.macs, figure.accumulates)
    right = convention.energy(figure.macs + missing, figure.accumulates)
    return Trap(kind, figure.id, f"{text}: {1e3 * right:.4g} mJ instead of {1e3 * ours:.4g} mJ")


def _matches(macs: float, stem_macs: float, stem: Stem) -> bool:
    """Whether a count is that of the stem, with or without the classifier."""
    return any(abs(macs - stem_macs - head) <= SAME * macs for head in (0, stem.head or 0))


def _other_width(figure: Figure, stem: Stem) -> int | None:
    """The whole number of channels, other than its own, of which a figure charges the stem in every step."""
    steps = figure.steps or 1
    for head in (0, stem.head or 0):
        channels = (figure.macs - head) / (stem.macs_per_channel * steps)
        if round(channels) >= 1 and abs(channels - round(channels)) <= SAME * channels:
            return round(channels)
    return None


def _rate_traps(figure: Figure, convention: Convention) -> Iterator[Trap]:
    ours = convention.energy(figure.macs, figure.accumulates)
    if figure.claimed is not None and 0.0 < figure.claimed < FAR_BELOW * ours:
        share = figure.claimed / ours
        text = (
            f"the claim is {share:.3g} of its own formula, as if a spike rate of {100 * share:.3g} % were "
            "multiplied twice (accumulates include it already)"
        )
        yield Trap("rate_twice", figure.id, text)


def _unlike(figures: tuple[Figure, ...]) -> Iterator[Trap]:
    """Figures of one network that differ: accountings that are not comparable."""
    by_model: dict[str, list[Figure]] = {}
    for figure in figures:
        by_model.setdefault(figure.model.partition(" (")[0].strip().lower(), []).append(figure)
    for same in by_model.values():
        claims = [figure.claimed for figure in same if figure.claimed]
        if len(claims) > 1 and max(claims) > (1 + SAME) * min(claims):
            names = ", ".join(figure.id for figure in same)
            least, most = 1e3 * min(claims), 1e3 * max(claims)
            text = f"one network at {least:.4g} to {most:.4g} mJ, by accounting"
            yield Trap("two_accountings", names, text)


def _memory(figures: tuple[Figure, ...], convention: Convention, technology: Technology) -> Iterator[Trap]:
    """No figure counts memory: what the weights alone would add."""
    reads = [technology.sram("read", size, SRAM_WIDTH).value * WEIGHT_BITS / 64 for size in SRAM_SIZES]
    worth = ", ".join(
        f"{1e12 * each:.3g} pJ from {size // 1024} KiB" for size, each in zip(SRAM_SIZES, reads, strict=True)
    )
    if figures:
        text = (
            f"no figure counts memory: an accumulate of {1e12 * convention.accumulate:.2g} pJ reads a weight "
            f"of {WEIGHT_BITS} bits, which takes {worth} of SRAM"
        )
        yield Trap("no_memory", "all", text)
