"""Products of attention on a grid whose engine times tiles itself: one without elements that keep scores.

Scores are cut into tiles of so many keys and queries, which lie in the buffer; queries are the rows of both
products, keys the columns of the first and the summed rank of the second.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import product

from hwsim.mapping.cut import Cut, Tiling, tile_problem
from hwsim.mapping.fused.shape import Sizes
from hwsim.mapping.protocol import EngineAction, MatrixEngine
from hwsim.workload.contraction import Matmul

PRODUCTS_CACHE = 8192
ONE_PASS, SEVERAL = ("BQK", "SLNV"), ("QK", "AV")
"""Both products of the cascade of one pass, the second of which sums within tiles only, and of the others."""


@dataclass(frozen=True, slots=True)
class TiledGrid:
    """A matrix engine of the machine with content ``machine``; ``ratio``: machine cycles per engine cycle."""

    machine: str
    component: str
    ratio: Fraction
    engine: MatrixEngine = field(compare=False)


@dataclass(frozen=True, slots=True)
class ProductCost:
    """One product of one attention: machine cycles, words over the grid's edge, actions inside.

    ``left`` and ``right`` are the words of its operands that enter, ``back`` of sums that come back to be
    added to, ``out`` of sums that leave.
    """

    cycles: float
    left: float
    right: float
    back: float
    out: float
    actions: tuple[EngineAction, ...]


def product_costs(
    grid: TiledGrid, cascade: Container[str], sizes: Sizes, rows: int, columns: int
) -> dict[str, ProductCost]:
    """The cost of both products of one attention, by their names among the tensors of ``cascade``.

    ``sizes`` are those of the attention, ``rows`` keys and ``columns`` queries those of a tile.
    """
    P, M, E, F = (int(sizes[rank]) for rank in "PMEF")
    first = _cost(grid, (P, M, E), (columns, rows, E))
    if ONE_PASS[1] not in cascade:
        return dict(zip(SEVERAL, (first, _cost(grid, (P, F, M), (columns, F, rows))), strict=True))
    pieces = Cut(M, min(rows, M)).pieces
    second = _summed([(many, _cost(grid, (P, F, keys), (columns, F, keys))) for many, keys in pieces])
    return dict(zip(ONE_PASS, (first, second), strict=True))


@lru_cache(maxsize=PRODUCTS_CACHE)
def _cost(grid: TiledGrid, whole: tuple[int, int, int], tile: tuple[int, int, int]) -> ProductCost:
    """A product of (M, N, K) cut into tiles."""
    M, N, K = (Cut(size, min(most, size)) for size, most in zip(whole, tile, strict=True))
    tiling, engine, problem = Tiling(Cut(1, 1), M, N, K), grid.engine, Matmul(1, *whole, images=whole[0])
    along = engine.temporal_axis
    words = engine.edge_words(problem, tiling, along)
    kinds = [
        (m * n * k, tile_problem(problem, (1, one, other, deep)))
        for (m, one), (n, other), (k, deep) in product(M.pieces, N.pieces, K.pieces)
    ]
    return ProductCost(
        cycles=float(engine.cycles(problem, tiling, along) * grid.ratio),
        left=float(words["input"].reads),
        right=float(words["weight"].reads),
        back=float(words["output"].reads),
        out=float(words["output"].writes),
        actions=engine.actions(problem, kinds),
    )


def _summed(each: list[tuple[int, ProductCost]]) -> ProductCost:
    """So many of each product, one after another."""
    actions: dict[tuple[str, str], int] = {}
    for many, cost in each:
        for one in cost.actions:
            actions[one.action, one.role] = actions.get((one.action, one.role), 0) + many * one.count
    return ProductCost(
        cycles=sum(many * cost.cycles for many, cost in each),
        left=sum(many * cost.left for many, cost in each),
        right=sum(many * cost.right for many, cost in each),
        back=sum(many * cost.back for many, cost in each),
        out=sum(many * cost.out for many, cost in each),
        actions=tuple(EngineAction(action, role, count) for (action, role), count in actions.items()),
    )
