"""An oracle for tiny problems: Dijkstra over every order, every departure and every address.

It shares nothing with the solvers but the problem: no bound, no dominance, no lateness of decisions.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import combinations, count

from hwsim.schedule.problem import Problem, TensorKind

Placement = frozenset[tuple[str, int]]
State = tuple[frozenset[str], Placement, frozenset[str]]


def cheapest(problem: Problem, unit: int, order: tuple[str, ...] | None = None) -> int:
    """The least cost with addresses at multiples of ``unit``; in the ``order`` given, if any."""
    start: State = (frozenset(), frozenset(), frozenset())
    best: dict[State, int] = {start: 0}
    tie = count()
    heap: list[tuple[int, int, State]] = [(0, next(tie), start)]
    while heap:
        cost, _, state = heapq.heappop(heap)
        if cost > best[state]:
            continue
        if len(state[0]) == len(problem.operators):
            return cost
        for price, after in _steps(problem, unit, state, order):
            if cost + price < best.get(after, 1 << 60):
                best[after] = cost + price
                heapq.heappush(heap, (cost + price, next(tie), after))
    raise AssertionError("no schedule exists")


def _steps(
    problem: Problem, unit: int, state: State, order: tuple[str, ...] | None
) -> Iterator[tuple[int, State]]:
    ran, residents, written = state
    for operator in problem.operators:
        before = {problem.producer[t] for t in operator.inputs if t in problem.producer}
        if operator.id in ran or not before <= ran or (order and order[len(ran)] != operator.id):
            continue
        heir = operator.outputs[0] if operator.in_place else None
        after = ran | {operator.id}
        for kept in _subsets(residents):
            missing = [t for t in operator.tensors if t not in dict(kept) and t != heir]
            fetched = [t for t in missing if t in operator.inputs]
            price = sum(_price(problem, t, ran, written) for t in fetched)
            now_written = written | {t for t in fetched if problem.tensor[t].kind is TensorKind.ACTIVATION}
            for placed in _placements(problem, unit, kept, missing):
                shared = {(heir, a) for t, a in placed if t == operator.in_place}
                alive = {(t, a) for t, a in placed | shared if t and set(problem.consumers[t]) - after}
                needed = frozenset((str(t), a) for t, a in alive)
                yield price, (after, needed, now_written)


def _subsets(residents: Placement) -> Iterator[Placement]:
    for size in range(len(residents) + 1):
        yield from map(frozenset, combinations(sorted(residents), size))


def _price(problem: Problem, tensor: str, ran: frozenset[str], written: frozenset[str]) -> int:
    known, prices = problem.tensor[tensor], problem.prices
    fetch = prices.fetch(known.size)
    if known.kind in (TensorKind.INPUT, TensorKind.WEIGHT):
        return fetch if set(problem.consumers[tensor]) & ran else 0
    if known.kind is TensorKind.OUTPUT:
        return fetch
    return fetch if tensor in written else fetch + prices.writeback(known.size)


def _placements(problem: Problem, unit: int, kept: Placement, missing: list[str]) -> Iterator[Placement]:
    if not missing:
        yield kept
        return
    size = problem.occupied_bytes(missing[0])
    for address in range(0, problem.scratchpad_bytes - size + 1, unit):
        if all(a + problem.occupied_bytes(t) <= address or address + size <= a for t, a in kept):
            yield from _placements(problem, unit, kept | {(missing[0], address)}, missing[1:])
