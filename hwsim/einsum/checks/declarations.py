"""Checks of what a cascade declares before its Einsums: inputs, partitions, iterative ranks, indices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from hwsim.einsum.cascade import Cascade
from hwsim.spec.errors import InputError, Position, did_you_mean
from hwsim.spec.nodes import Path

Locate = Callable[[Path], Position | None]


class _Form(NamedTuple):
    """What names of one kind look like."""

    kind: str
    first: str
    pattern: re.Pattern[str]


_TENSOR = _Form("a tensor", "a letter", re.compile(r"(?!inf\Z)[A-Za-z_][A-Za-z0-9_]*"))
_RANK = _Form("a rank", "a capital", re.compile(r"[A-Z][A-Za-z0-9_]*"))
_INDEX = _Form("an index", "a lower-case letter", re.compile(r"[a-z_][A-Za-z0-9_]*"))


def check_declarations(cascade: Cascade, locate: Locate) -> None:
    """Refuse names that no Einsum could use, families that overlap, and ranks that nothing carries.

    Raises:
        InputError: with the place of the declaration.
    """
    _check_partitions(cascade, locate)
    _check_inputs(cascade, locate)
    _check_index_ranks(cascade, locate)
    _check_iterative(cascade, locate)


def check_families_whole(cascade: Cascade, locate: Locate) -> None:
    """Refuse a family of which some leaves are carried by tensors and others are not.

    Raises:
        InputError: with the place of the family.
    """
    for family, leaves in cascade.partitions.items():
        unused = [leaf for leaf in leaves if leaf not in cascade.ranks]
        if unused and len(unused) < len(leaves):
            message = f"family {family} is partly used: no tensor carries {', '.join(unused)}"
            raise InputError(message, locate(("partitions", family)), "use every leaf or split into fewer")


def _check_partitions(cascade: Cascade, locate: Locate) -> None:
    owner: dict[str, str] = {}
    for family, leaves in cascade.partitions.items():
        place = locate(("partitions", family))
        _check_names((family, *leaves), _RANK, place)
        if not leaves:
            raise InputError(f"family {family} has no leaves", place)
        for leaf in leaves:
            if leaf in cascade.partitions:
                raise InputError(
                    f"{leaf} is a family and a leaf of {family}", place, "split once into all leaves"
                )
            if leaf in owner:
                raise InputError(f"rank {leaf} is a leaf twice, of {owner[leaf]} and of {family}", place)
            owner[leaf] = family


def _check_inputs(cascade: Cascade, locate: Locate) -> None:
    _check_names(cascade.inputs, _TENSOR, locate(("inputs",)))
    for tensor, ranks in cascade.inputs.items():
        place = locate(("inputs", tensor))
        _check_names(ranks, _RANK, place)
        for rank in ranks:
            if rank in cascade.partitions:
                leaves = ", ".join(cascade.partitions[rank])
                raise InputError(
                    f"tensor {tensor} carries {rank}, which is split into {leaves}", place, "name the leaves"
                )


def _check_index_ranks(cascade: Cascade, locate: Locate) -> None:
    for index, rank in cascade.index_ranks.items():
        place = locate(("index_ranks", index))
        _check_names((index,), _INDEX, place)
        _check_rank(cascade, rank, f"index {index} runs over", place)


def _check_iterative(cascade: Cascade, locate: Locate) -> None:
    for number, rank in enumerate(cascade.iterative):
        place = locate(("iterative", number))
        _check_rank(cascade, rank, "iterative names", place)
        if rank in cascade.iterative[:number]:
            raise InputError(f"iterative names {rank} twice", place)


def _check_rank(cascade: Cascade, rank: str, what: str, place: Position | None) -> None:
    """Refuse a family, and a rank that no tensor carries."""
    if rank in cascade.partitions:
        leaves = ", ".join(cascade.partitions[rank])
        raise InputError(f"{what} {rank}, which is split into {leaves}", place, "name one of the leaves")
    if rank not in cascade.ranks:
        raise InputError(
            f"{what} {rank}, a rank that no tensor carries", place, did_you_mean(rank, cascade.ranks)
        )


def _check_names(names: Iterable[str], form: _Form, place: Position | None) -> None:
    for name in names:
        if not form.pattern.fullmatch(name):
            hint = f"{form.first} first, then letters, digits and underscores"
            raise InputError(f"{name!r} cannot be the name of {form.kind}", place, hint)
