"""How many tokens each expert of a mixture gets: balanced, by a power law, or counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.kernels import Words
from hwsim.spec.errors import InputError

CAPPINGS = 8
"""Rounds of taking from experts that have all tokens; later rounds move nothing worth counting."""
QUANTILES = 32
"""Experts are stood for by so many quantiles of their loads."""
BALANCED = ("balanced", "uniform")
POWER_LAW = "power_law_"
COUNTED = "counts"
"""Begins a distribution that says how many experts get how many tokens: ``counts_2x17_6x16``."""
_COUNTED = re.compile(r"counts(_[1-9]\d{0,9}x[1-9]\d{0,9})+")
LARGEST_SHARE = 0.8
"""Share of the tokens that the busiest expert may get (as in the routing of the measured kernels)."""


@dataclass(frozen=True, slots=True)
class Routing:
    """Loads of experts in tokens, (kernels, QUANTILES), each of ``weight`` experts; ``active`` have any.

    ``skew`` is 0 for equal loads and goes to 1 when one expert has all.
    """

    loads: Array
    weight: Array
    active: Array
    skew: Array


def counted(groups: Sequence[tuple[int, int]]) -> str:
    """The distribution in which of each (experts, tokens) so many experts get so many tokens."""
    return "_".join([COUNTED, *(f"{experts}x{tokens}" for experts, tokens in groups)])


def counts_of(distribution: str) -> list[int]:
    """Tokens of each expert of a counted distribution, as it names them; none of any other."""
    groups = distribution.split("_")[1:] if _COUNTED.fullmatch(distribution) else []
    pairs = [tuple(map(int, group.split("x"))) for group in groups]
    return [tokens for experts, tokens in pairs for _ in range(experts)]


def exponent(distribution: str) -> float:
    """The exponent of a power law, 0 where the routing is balanced or counted.

    Raises:
        InputError: no such distribution.
    """
    if distribution in BALANCED or _COUNTED.fullmatch(distribution):
        return 0.0
    try:
        found = float(distribution.removeprefix(POWER_LAW))
    except ValueError:
        found = 0.0
    if not distribution.startswith(POWER_LAW) or not 0 < found <= 10:
        raise InputError(
            f"unknown distribution {distribution!r}",
            hint="'balanced', 'power_law_' and its exponent, or 'counts_2x17': 17 tokens for each of 2",
        )
    return found


def exponents(distributions: Words | Sequence[str]) -> Array:
    """The exponent of each kernel's routing."""
    known = {str(name): exponent(str(name)) for name in set(distributions)}
    return np.array([known[str(name)] for name in distributions])


def routed(tokens: Array, topk: Array, experts: Array, distributions: Words | Sequence[str]) -> Routing:
    """The loads that ``tokens * topk`` assignments make by each kernel's distribution."""
    found = routing(tokens, topk, experts, exponents(distributions))
    for place, name in enumerate(distributions):
        if str(name).startswith(COUNTED):
            _count(found, place, str(name))
    return found


def _count(found: Routing, place: int, distribution: str) -> None:
    """Replace the loads of one kernel by counted ones, of the experts that have tokens."""
    loads = np.array(counts_of(distribution))
    levels = ((np.arange(QUANTILES) + 0.5) / QUANTILES * len(loads)).astype(np.intp)
    chosen = np.sort(loads)[levels].astype(float)
    found.loads[place] = chosen * (loads.mean() / chosen.mean())
    found.weight[place] = len(loads) / QUANTILES
    found.active[place] = len(loads)
    found.skew[place] = 1.0 - loads.mean() ** 2 / np.mean(loads.astype(float) ** 2)


def routing(tokens: Array, topk: Array, experts: Array, alpha: Array) -> Routing:
    """The loads that ``tokens * topk`` assignments make."""
    slots = tokens * topk
    balanced = alpha == 0.0
    touched = np.minimum(experts, slots)
    spread = _power_law(tokens, slots, experts, np.where(balanced, 1.5, np.where(alpha == 1.0, 1.001, alpha)))
    spread = _capped(spread, tokens[:, None])
    loads = np.where(balanced[:, None], (slots / touched)[:, None], spread)
    weight = np.where(balanced, touched, experts) / QUANTILES
    some = ((spread >= 0.5).sum(axis=1)) * experts / QUANTILES
    active = np.where(balanced, touched, np.minimum(np.maximum(some, np.minimum(topk, slots)), touched))
    mean = loads.mean(axis=1)
    skew = 1.0 - mean**2 / np.maximum((loads**2).mean(axis=1), 1e-12)
    return Routing(loads, weight, active, np.maximum(skew, 0.0))


def _power_law(tokens: Array, slots: Array, experts: Array, alpha: Array) -> Array:
    """Quantiles of a bounded Pareto distribution, scaled so that all loads add up to ``slots``."""
    crowded = slots > experts
    least = np.where(crowded, 1.0, 0.01)[:, None]
    most = np.where(crowded, np.maximum(LARGEST_SHARE * tokens, 1.001), 2.0)[:, None]
    power = (1.0 - alpha)[:, None]
    level = (np.arange(QUANTILES) + 0.5)[None, :] / QUANTILES
    drawn = ((most**power - least**power) * level + least**power) ** (1.0 / power)
    return np.asarray(drawn / drawn.mean(axis=1, keepdims=True) * (slots / experts)[:, None])


def _capped(loads: Array, most: Array) -> Array:
    """The loads with none above ``most``; the others take over what is cut off."""
    total = loads.sum(axis=1, keepdims=True)
    for _ in range(CAPPINGS):
        full = loads >= most
        rest = np.where(full, 0.0, loads).sum(axis=1, keepdims=True)
        left = total - (full * most).sum(axis=1, keepdims=True)
        loads = np.where(full, most, loads * left / np.maximum(rest, 1e-12))
    return np.minimum(loads, most)
