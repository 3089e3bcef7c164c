"""Strongly connected components of a graph, without recursion (Tarjan, SIAM J. Computing 1(2), 1972)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Search:
    """``number`` is the order of discovery, ``low`` the earliest node on the stack that is reached."""

    number: dict[int, int] = field(default_factory=dict)
    low: dict[int, int] = field(default_factory=dict)
    stack: list[int] = field(default_factory=list)
    done: set[int] = field(default_factory=set)

    def discover(self, node: int) -> None:
        self.number[node] = self.low[node] = len(self.number)
        self.stack.append(node)

    def close(self, node: int) -> tuple[int, ...]:
        """The component whose first node is ``node``, taken off the stack."""
        start = self.stack.index(node)
        members = self.stack[start:]
        del self.stack[start:]
        self.done.update(members)
        return tuple(sorted(members))


def components(before: Mapping[int, Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """The components of the graph where each node needs those ``before`` it, each after all it needs."""
    search = _Search()
    for root in before:
        if root not in search.number:
            yield from _from(root, before, search)


def _from(root: int, before: Mapping[int, Sequence[int]], search: _Search) -> Iterator[tuple[int, ...]]:
    search.discover(root)
    path = [(root, iter(before[root]))]
    while path:
        node, pending = path[-1]
        following = next((other for other in pending if other not in search.done), None)
        if following is None:
            path.pop()
            if path:
                parent = path[-1][0]
                search.low[parent] = min(search.low[parent], search.low[node])
            if search.low[node] == search.number[node]:
                yield search.close(node)
        elif following in search.number:
            search.low[node] = min(search.low[node], search.number[following])
        else:
            search.discover(following)
            path.append((following, iter(before[following])))
