"""The sizes of an attention layer and of the linear layers around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

Sizes = Mapping[str, int | Fraction]
"""The size of every rank; a tile that is not full everywhere has its mean size."""


@dataclass(frozen=True, slots=True)
class AttentionShape:
    """``batch`` x ``heads`` independent attentions of ``queries`` over ``keys``.

    ``embed`` is E, the width of a query and a key of one head, ``values`` F, that of a value. Heads of
    queries that share keys count as more queries. ``masked``: positions say which scores count; ``biases``:
    so many tensors as large as the scores are added to them.
    """

    batch: int
    heads: int
    queries: int
    keys: int
    embed: int
    values: int
    masked: bool = False
    biases: int = 0

    @property
    def instances(self) -> int:
        """How many attentions there are."""
        return self.batch * self.heads

    def sizes(self, tile_keys: int) -> Sizes:
        """The size of every rank of one attention, with M as a whole and split into tiles of ``tile_keys``.

        The last tile may be smaller: M0 is then the mean of all.
        """
        tiles = -(-self.keys // tile_keys)
        mean = Fraction(self.keys, tiles)
        inner = tile_keys if self.keys == tiles * tile_keys else mean
        split = {"M": self.keys, "M1": tiles, "M0": inner}
        return {"E": self.embed, "F": self.values, "P": self.queries, **split}

    def padded(self, tile_keys: int, tile_queries: int) -> Sizes:
        """The sizes where every tile is a full one: what arrays are busy with that work tile by tile."""
        keys, queries = -(-self.keys // tile_keys), -(-self.queries // tile_queries)
        split = {"M": keys * tile_keys, "M1": keys, "M0": tile_keys}
        return {"E": self.embed, "F": self.values, "P": queries * tile_queries, **split}


@dataclass(frozen=True, slots=True)
class LinearShape:
    """Four projections of ``model`` x ``inner`` (heads times E) and a feed-forward network of ``hidden``."""

    tokens: int
    model: int
    inner: int
    hidden: int

    @property
    def products(self) -> tuple[tuple[int, int], ...]:
        """K and N of each of the six products with M = ``tokens``."""
        into, out = (self.model, self.inner), (self.inner, self.model)
        return (into, into, into, out, (self.model, self.hidden), (self.hidden, self.model))
