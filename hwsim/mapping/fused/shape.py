"""The sizes of an attention layer and of the linear layers around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hwsim.spec.errors import InputError


@dataclass(frozen=True, slots=True)
class AttentionShape:
    """``batch`` x ``heads`` independent attentions of ``queries`` over ``keys``.

    ``embed`` is E, the width of a query and a key of one head, ``values`` F, that of a value.
    """

    batch: int
    heads: int
    queries: int
    keys: int
    embed: int
    values: int

    @property
    def instances(self) -> int:
        """How many attentions there are."""
        return self.batch * self.heads

    def sizes(self, tile_keys: int, tile_queries: int) -> Mapping[str, int]:
        """The size of every rank of one attention, with M as a whole and split into tiles of ``tile_keys``.

        Raises:
            InputError: tiles of ``tile_keys`` by ``tile_queries`` do not divide the scores.
        """
        for length, tile in ((self.keys, tile_keys), (self.queries, tile_queries)):
            if length % tile:
                hint = f"pad it to {tile * (length // tile + 1)}"
                raise InputError(f"a sequence of {length} is no whole number of tiles of {tile}", hint=hint)
        split = {"M": self.keys, "M1": self.keys // tile_keys, "M0": tile_keys}
        return {"E": self.embed, "F": self.values, "P": self.queries, **split}


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
