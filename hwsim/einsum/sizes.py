"""The size of every rank, from what a user gives for ranks and families."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

from hwsim.einsum.cascade import Cascade
from hwsim.spec.errors import InputError, did_you_mean

_SIZE = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)


def parse_sizes(texts: Iterable[str]) -> dict[str, int]:
    """Sizes written as ``M=1024``.

    Raises:
        InputError: not of this form, not a whole number above zero, or a rank given twice.
    """
    sizes: dict[str, int] = {}
    for text in texts:
        rank, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not rank or not _SIZE.fullmatch(value):
            raise InputError(f"a size is RANK=NUMBER, got {text!r}", hint="such as M=1024")
        if rank in sizes:
            raise InputError(f"rank {rank} is given two sizes, {sizes[rank]} and {value}")
        sizes[rank] = int(value)
    return sizes


def complete_sizes(cascade: Cascade, given: Mapping[str, int]) -> dict[str, int]:
    """The size of every leaf rank of ``cascade``.

    The size of a family and of all its leaves but one give the size of that one.

    Raises:
        InputError: an unknown rank, a rank without size, or a family that its leaves do not multiply to.
    """
    for rank in given:
        if rank not in cascade.ranks_and_families:
            raise InputError(f"unknown rank {rank!r}", hint=did_you_mean(rank, cascade.ranks_and_families))
    sizes = {rank: size for rank, size in given.items() if rank not in cascade.partitions}
    for family, leaves in cascade.partitions.items():
        if family in given:
            sizes.update(_leaf_sizes(family, given[family], leaves, sizes))
    missing = [rank for rank in cascade.ranks if rank not in sizes]
    if missing:
        example = " ".join(f"{rank}=64" for rank in missing)
        raise InputError(f"no size for rank {', '.join(missing)}", hint=f"add {example}")
    return sizes


def check_tile(cascade: Cascade, tile: Mapping[str, int]) -> None:
    """Refuse a tile of what is no leaf rank.

    Raises:
        InputError: an unknown rank, or a family.
    """
    for rank in tile:
        if rank in cascade.partitions:
            leaves = ", ".join(cascade.partitions[rank])
            raise InputError(f"{rank} is split into {leaves}", hint="a tile is of leaf ranks")
        if rank not in cascade.ranks:
            raise InputError(f"unknown rank {rank!r}", hint=did_you_mean(rank, cascade.ranks))


def rank_size(cascade: Cascade, sizes: Mapping[str, int], rank: str) -> int:
    """The size of a rank, or the product of a family's leaves."""
    return math.prod(sizes[leaf] for leaf in cascade.partitions.get(rank, (rank,)))


def _leaf_sizes(family: str, size: int, leaves: tuple[str, ...], sizes: Mapping[str, int]) -> dict[str, int]:
    """The size of the leaf that was given none."""
    open_leaves = [leaf for leaf in leaves if leaf not in sizes]
    known = math.prod(sizes[leaf] for leaf in leaves if leaf in sizes)
    shown = ", ".join(f"{leaf}={sizes[leaf]}" for leaf in leaves if leaf in sizes)
    if len(open_leaves) > 1:
        example = f"{open_leaves[-1]}=64"
        raise InputError(
            f"{family}={size} needs the sizes of its leaves {', '.join(leaves)}", hint=f"add {example}"
        )
    if size % known or (not open_leaves and size != known):
        raise InputError(
            f"{family}={size} cannot be split into {shown}", hint="the leaves multiply to the family"
        )
    return dict.fromkeys(open_leaves, size // known)
