"""Linear maps between the outputs of two populations, entry by entry, and how they follow one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LinearMap:
    """y[target] += weight x[source], ``delay`` seconds later; ``outputs`` is how long y is.

    ``word`` names the stored number that each weight is: entries of one word share it.
    """

    source: Ints
    target: Ints
    weight: Floats
    delay: Floats
    word: Ints
    outputs: int

    def applied(self, x: Floats) -> Floats:
        """y of a constant x: delays do not matter."""
        found = np.bincount(self.target, weights=self.weight * x[self.source], minlength=self.outputs)
        return np.asarray(found, dtype=np.float64)


def identity(count: int) -> LinearMap:
    """y = x."""
    every = np.arange(count, dtype=np.int64)
    return LinearMap(every, every, np.ones(count), np.zeros(count), every, count)


def entries(
    source: Ints,
    target: Ints,
    weight: Floats,
    outputs: int,
    *,
    delay: Floats | None = None,
    word: Ints | None = None,
) -> LinearMap:
    """The map with these entries; those of weight 0 are no synapses. Without words each entry has its own."""
    late = np.zeros(len(source)) if delay is None else delay
    own = np.arange(len(source), dtype=np.int64) if word is None else word
    kept = weight != 0.0
    return LinearMap(source[kept], target[kept], weight[kept], late[kept], own[kept], outputs)


def then(first: LinearMap, second: LinearMap) -> LinearMap:
    """``second`` of what ``first`` gives: weights multiply, delays add, parallel ways of one delay add up.

    Where ``first`` only passes on, the words are those of ``second``; else every entry has its own.
    """
    order = np.argsort(second.source, kind="stable")
    begin = np.searchsorted(second.source[order], np.arange(first.outputs + 1))
    many = (begin[1:] - begin[:-1])[first.target]
    left = np.repeat(np.arange(len(first.source)), many)
    within = np.arange(len(left)) - np.repeat(np.cumsum(many) - many, many)
    right = order[np.repeat(begin[first.target], many) + within]
    passes = bool((first.weight == 1.0).all()) and len(np.unique(first.source)) == len(first.source)
    return merged(
        LinearMap(
            first.source[left],
            second.target[right],
            first.weight[left] * second.weight[right],
            first.delay[left] + second.delay[right],
            second.word[right] if passes else np.arange(len(left), dtype=np.int64),
            second.outputs,
        )
    )


def both(first: LinearMap, second: LinearMap) -> LinearMap:
    """The sum of two maps of one size."""
    apart = int(first.word.max(initial=-1)) + 1
    return merged(
        LinearMap(
            np.concatenate((first.source, second.source)),
            np.concatenate((first.target, second.target)),
            np.concatenate((first.weight, second.weight)),
            np.concatenate((first.delay, second.delay)),
            np.concatenate((first.word, second.word + apart)),
            first.outputs,
        )
    )


def merged(given: LinearMap) -> LinearMap:
    """The map with parallel entries of one delay added up, in the order of source, target and delay."""
    order = np.lexsort((given.delay, given.target, given.source))
    source, target, delay = given.source[order], given.target[order], given.delay[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (np.diff(source) != 0) | (np.diff(target) != 0) | (np.diff(delay) != 0)
    begin = np.flatnonzero(new)
    weight = given.weight[order]
    if len(begin) < len(order):
        weight = np.add.reduceat(weight, begin)
    return LinearMap(
        source[begin], target[begin], weight, delay[begin], given.word[order][begin], given.outputs
    )
