"""The exact search without addresses: at once where it is easy, on the lattice of downsets elsewhere."""

from __future__ import annotations

from hwsim.schedule.indexed import Indexed
from hwsim.schedule.plan import Plan
from hwsim.schedule.search import SearchResult, search

# What the plain search looks at in the time that loading compiled code takes.
_EASY_STATES = 20_000


def easy_search(indexed: Indexed, deadline: float, ceiling: int, plan: Plan) -> SearchResult:
    """As :func:`hwsim.schedule.search.search`, given up after a second or two of work."""
    del plan
    return search(indexed, deadline, ceiling, _EASY_STATES)


def thorough_search(indexed: Indexed, deadline: float, ceiling: int, plan: Plan) -> SearchResult:
    """As :func:`hwsim.schedule.search.search`, from a good plan of the problem."""
    # Compiled code takes a second to load and more to compile, so only where it is needed.
    from hwsim.schedule.lattice.search import lattice_search

    return lattice_search(indexed, deadline, ceiling, plan)


def exact_search(indexed: Indexed, deadline: float, ceiling: int, plan: Plan) -> SearchResult:
    """The one, and if that does not end the other."""
    easy = easy_search(indexed, deadline, ceiling, plan)
    return easy if easy.proved else thorough_search(indexed, deadline, ceiling, plan)
