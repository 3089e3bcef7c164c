"""The exact search without addresses: at once where it is easy, on the lattice of downsets elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from hwsim.schedule.indexed import Indexed
from hwsim.schedule.plan import Plan
from hwsim.schedule.search import SearchResult, search

# What the plain search looks at in the time that loading compiled code takes.
_EASY_STATES = 20_000


def easy_search(indexed: Indexed, deadline: float, ceiling: int, plan: Plan) -> Iterator[SearchResult]:
    """As :func:`hwsim.schedule.search.search`, given up after a second or two of work."""
    del plan
    yield search(indexed, deadline, ceiling, _EASY_STATES)


def thorough_search(indexed: Indexed, deadline: float, ceiling: int, plan: Plan) -> Iterator[SearchResult]:
    """As :func:`hwsim.schedule.search.search`, from a good plan; better and better ones, then the proof."""
    # Compiled code takes a second to load and more to compile, so only where it is needed.
    from hwsim.schedule.lattice.search import lattice_searches

    yield from lattice_searches(indexed, deadline, ceiling, plan)


def exact_search(indexed: Indexed, deadline: float, ceiling: int, plan: Plan) -> SearchResult:
    """The one, and if that does not end the other."""
    (found,) = easy_search(indexed, deadline, ceiling, plan)
    if not found.proved:
        *_, found = thorough_search(indexed, deadline, ceiling, plan)
    return found
