"""How many tokens each expert of a mixture gets."""

from __future__ import annotations

import math
import re
from collections import Counter

from hwsim.spec.errors import InputError

Routing = str | tuple[float, ...]

_ZIPF = re.compile(r"zipf:(\d+(\.\d+)?)")


def token_counts(routing: Routing, experts: int, assignments: int) -> list[int]:
    """Tokens of each expert: ``assignments`` (tokens times top-k) shared out by largest remainder.

    Args:
        routing: ``uniform``, ``zipf:S`` (the n-th expert's share is proportional to n^-S), or a share for
        each expert. experts: how many experts there are.
        assignments: pairs of a token and an expert it is sent to.

    Raises:
        InputError: the text is neither, or the shares are not one for each expert.
    """
    shares = _shares(routing, experts)
    total = math.fsum(shares)
    exact = [assignments * share / total for share in shares]
    counts = [math.floor(value) for value in exact]
    by_remainder = sorted(range(experts), key=lambda expert: (counts[expert] - exact[expert], expert))
    for expert in by_remainder[: assignments - sum(counts)]:
        counts[expert] += 1
    return counts


def batches(counts: list[int]) -> list[tuple[int, int]]:
    """Experts with equally many tokens together, as (tokens, experts), most tokens first."""
    return sorted(Counter(counts).items(), reverse=True)


def _shares(routing: Routing, experts: int) -> list[float]:
    if isinstance(routing, str):
        match = _ZIPF.fullmatch(routing)
        if routing != "uniform" and not match:
            raise InputError(f"no routing {routing!r}", hint="'uniform', 'zipf:1.0' or a list of shares")
        exponent = float(match[1]) if match else 0.0
        return [number**-exponent for number in range(1, experts + 1)]
    if len(routing) != experts:
        raise InputError(f"'routing' gives {len(routing)} shares for {experts} experts")
    if min(routing) < 0 or not math.fsum(routing) > 0:
        raise InputError("the shares of 'routing' must not be negative, nor all zero")
    return list(routing)
