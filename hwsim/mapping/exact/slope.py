"""The ski slope: the least words to and from the outermost memory for every size of one buffer.

After Orojenesis (Huang et al., ISCA 2024), exact: every tensor's tile may stand at its own loop, tensors may
pass the buffer by, tiles need not divide. Room is the sum of all tiles kept, a word an element.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf

from hwsim.mapping.exact.forms import Forms, forms_of, tile_term
from hwsim.mapping.exact.objective import Frontier
from hwsim.mapping.exact.search import Case, Search, by_size, loads_of
from hwsim.mapping.exact.skeleton import Skeleton
from hwsim.mapping.exact.space import Space
from hwsim.mapping.exact.ways import ways_of
from hwsim.mapping.loopnest.machine import Compute, Machine, Memory, Port
from hwsim.mapping.loopnest.nodes import Storage
from hwsim.mapping.loopnest.problem import Problem

BUFFER = "buffer"
_ONE_A_WORD, _FREE = Port(energy_per_bit=1.0), Port()


@dataclass(frozen=True, slots=True)
class Step:
    """With a buffer of at least ``capacity_words``, no mapping moves fewer than ``words``."""

    capacity_words: int
    words: int


def ski_slope(problem: Problem) -> tuple[Step, ...]:
    """Every step of the curve, the smallest buffer first.

    Raises:
        ValueError: the problem has a sliding window that is not searched (see ``Space``).
    """
    space = word_space(problem, inf)
    best = Frontier()
    Search(best).run(tuple(_cases(space)))
    steps = [Step(round(point.latency), round(point.energy)) for point in best.points()]
    return tuple(reversed(steps))


def word_space(problem: Problem, capacity_words: float) -> Space:
    """One buffer below an outermost memory whose words alone cost something: 1 each."""
    memories = (Memory("outer", inf, _ONE_A_WORD, _ONE_A_WORD), Memory(BUFFER, capacity_words, _FREE, _FREE))
    machine = Machine("one buffer", memories, (), Compute("mac", 1, 1.0, 0.0))
    return Space(problem, machine, {tensor.name: 1 for tensor in problem.tensors})


def _cases(space: Space) -> Iterator[Case]:
    """The cases of a space, with the buffer's room in place of time."""
    for number, skeleton in enumerate(space.skeletons()):
        forms = _with_room(space, skeleton, forms_of(space, skeleton))
        ways = [ways_of(space, skeleton, forms, group) for group in space.groups]
        yield Case(number, forms, by_size(ways), *loads_of(space, skeleton))


def _with_room(space: Space, skeleton: Skeleton, forms: Forms) -> Forms:
    tiles = [
        tile_term(space, event, node.tensor)
        for event, node in enumerate(skeleton)
        if isinstance(node, Storage)
    ]
    nothing, one = (0.0,) * len(tiles), (*((0.0,) * len(forms.terms)), *((1.0,) * len(tiles)))
    return replace(forms, terms=(*forms.terms, *tiles), energy=(*forms.energy, *nothing), times=((one,),))
