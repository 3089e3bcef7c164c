"""The exact search without addresses: at once where it is easy, compiled where it is not."""

from __future__ import annotations

from hwsim.schedule.indexed import Indexed
from hwsim.schedule.search import SearchResult, search

# What the plain search looks at in the time that loading compiled code takes.
_EASY_STATES = 20_000
MOST_BITS = 62
"""Operators, and tensors, of a graph for the compiled search: a set is a machine word."""
MOST_UNITS = 512
"""Units of a scratchpad for the compiled search, at most."""


def fits(indexed: Indexed) -> bool:
    """Whether the compiled search can take the problem."""
    few = indexed.operators <= MOST_BITS and indexed.tensors <= MOST_BITS
    return few and indexed.capacity <= MOST_UNITS


def easy_search(indexed: Indexed, deadline: float, ceiling: int) -> SearchResult:
    """As :func:`hwsim.schedule.search.search`, given up after a second or two of work."""
    return search(indexed, deadline, ceiling, _EASY_STATES)


def thorough_search(indexed: Indexed, deadline: float, ceiling: int) -> SearchResult:
    """As :func:`hwsim.schedule.search.search`, compiled where it can be."""
    if not fits(indexed):
        return search(indexed, deadline, ceiling)
    # Compiled code takes seconds to load and more to compile, so only where it is needed.
    from hwsim.schedule.compiled_search import compiled_search

    return compiled_search(indexed, deadline, ceiling)
