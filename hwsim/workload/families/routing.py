"""How many tokens each expert of a mixture gets."""

from __future__ import annotations

import math
import re
from collections import Counter

from hwsim.spec.errors import InputError
from hwsim.spec.model import fault

Routing = str | tuple[float, ...]

_TEXT = re.compile(r"uniform|zipf:([0-9]{1,3}(\.[0-9]{1,9})?)")


def check_routing(routing: Routing) -> Routing:
    """``routing``, if it is one: a field validator."""
    if isinstance(routing, str):
        if not _TEXT.fullmatch(routing):
            raise fault(f"no routing {routing!r}", "write uniform, zipf:1.0 or a list of shares")
    elif not routing or min(routing) < 0 or not 0 < math.fsum(routing) < math.inf:
        raise fault("shares must not be negative, nor all zero")
    return routing


def token_counts(routing: Routing, experts: int, assignments: int) -> list[int]:
    """Tokens of each expert: ``assignments`` (tokens times top-k) shared out by largest remainder.

    Args:
        routing: ``uniform``, ``zipf:S`` (the n-th expert's share is as n^-S), or a share for each expert.
        experts: how many experts there are.
        assignments: pairs of a token and an expert it is sent to.

    Raises:
        InputError: the shares are not one for each expert.
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
        match = _TEXT.fullmatch(routing)
        exponent = float(match[1]) if match and match[1] else 0.0
        return [number**-exponent for number in range(1, experts + 1)]
    if len(routing) != experts:
        raise InputError(f"{len(routing)} shares are given for {experts} experts")
    return list(routing)
