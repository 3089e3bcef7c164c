"""A series of Einsums, each making what the next takes: every one alone or fused with a neighbour.

Costs of Einsums that run one after the other add up, and one that is fused with the next is not fused with
the one before; so the best of all series is found from left to right, keeping the best with the last Einsum
settled. Three or more in loops that they have in common are not in the space.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

from hwsim.mapping.exact.found import Mapping, find
from hwsim.mapping.exact.fused import Chain, find_chain
from hwsim.mapping.exact.space import Space


@dataclass(frozen=True, slots=True)
class Part:
    """One Einsum, or two that are fused: the numbers of both and what they take together."""

    numbers: tuple[int, ...]
    mappings: tuple[Mapping, ...]
    value: float


@dataclass(frozen=True, slots=True)
class FoundSeries:
    """The best parts in order; ``value`` is proved least of all pairings, ``apart`` is without any."""

    parts: tuple[Part, ...]
    value: float
    apart: float


@dataclass(frozen=True)
class Series:
    """Einsums in order (neighbours name the ranks of the tensor between them alike), the tensor between each
    and the next, and the memory where a fused one stays.
    """

    spaces: Sequence[Space]
    tensors: Sequence[str]
    memory: str
    objective: Literal["energy", "latency"] = "energy"

    def part(self, begin: int, end: int) -> Part | None:
        """The Einsums from ``begin`` to before ``end`` as one part; None where none fits, or where two are
        better apart.
        """
        if end - begin == 1:
            found = find(self.spaces[begin], self.objective)
            return None if found.value is None else Part((begin,), (found.best,), found.value)
        chain = Chain(self.spaces[begin], self.spaces[begin + 1], self.tensors[begin], self.memory)
        pair = find_chain(chain, self.objective)
        return Part((begin, begin + 1), pair.mappings, pair.value) if pair and pair.fused else None


def find_series(series: Series) -> FoundSeries | None:
    """The best of all ways to run a series; latencies add up as energies do. None where an Einsum fits
    nowhere, alone or fused.
    """
    count = len(series.spaces)
    alone = [series.part(number, number + 1) for number in range(count)]
    pairs = [series.part(number, number + 2) for number in range(count - 1)]
    best: list[tuple[Part, ...] | None] = [()]
    for end in range(count):
        ends = [(best[end], alone[end]), *([(best[end - 1], pairs[end - 1])] if end else [])]
        ways = [(*before, part) for before, part in ends if before is not None and part is not None]
        best.append(min(ways, key=_value, default=None))
    if best[-1] is None:
        return None
    apart = sum(inf if part is None else part.value for part in alone)
    return FoundSeries(best[-1], _value(best[-1]), apart)


def _value(parts: tuple[Part, ...]) -> float:
    return sum(part.value for part in parts)
