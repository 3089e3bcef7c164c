"""The tiles that a user's rule leaves to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from hwsim.mapping.candidates import Cutting, Mesh
from hwsim.mapping.constraints import NestRule, RuleError, TileRange
from hwsim.mapping.cut import AXES, whole
from hwsim.workload.contraction import Matmul

MOST_MULTIPLES = 128
"""So many further tiles of an axis are tried at most where a rule leaves more."""


@dataclass(frozen=True, slots=True)
class Narrowed(Cutting):
    """A cutting under a rule at ``where`` in its file: tiles of the declared set that it allows, and all that
    it asks for by size.
    """

    rule: NestRule = field(default_factory=NestRule)
    where: tuple[str | int, ...] = ()

    def mesh(self, problem: Matmul) -> Mesh:
        """The candidates for ``problem``.

        Raises:
            RuleError: a tile larger than its axis, or no tile at all.
        """
        free = Cutting(self.batch, self.granules).mesh(problem)
        axes = zip(AXES, whole(problem)[1:], (free.M, free.N, free.K), strict=True)
        tiles = [
            _allowed(self.rule.tile.along(axis), size, mesh.ravel().tolist(), (*self.where, "tile", axis))
            for axis, size, mesh in axes
        ]
        return Mesh(self.batch, *np.ix_(*(np.array(each, dtype=np.int64) for each in tiles)))


def _allowed(
    rule: int | TileRange | None, size: int, declared: list[int], where: tuple[str | int, ...]
) -> list[int]:
    """The tiles of an axis of ``size``, the largest first."""
    if rule is None:
        return declared
    if isinstance(rule, int):
        if rule > size:
            raise RuleError(f"a tile of {rule}: the axis has {size}", where, f"{size} is the whole axis")
        return [rule]
    multiples = rule.multiples(size)
    if not multiples:
        message = f"no multiple of {rule.multiple_of} from {rule.at_least} on: the axis has {size}"
        raise RuleError(message, where, f"at_least: {min(rule.at_least, size)}, multiple_of: 1 leaves some")
    chosen = {each for each in declared if each in multiples} | set(_spread(multiples))
    return sorted(chosen, reverse=True)


def _spread(multiples: range) -> Iterator[int]:
    """All of them, or evenly chosen ones where they are many."""
    step = -(-len(multiples) // MOST_MULTIPLES)
    yield from multiples[::-step]
