"""What a user fixes about the nests of one Einsum, as a YAML file; or one whole nest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveInt

from hwsim.mapping.exact.space import Space
from hwsim.mapping.loopnest.nodes import Nest, Node, Spatial, Storage, Temporal, faults
from hwsim.spec.document import Document, load_document
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.model import Spec, validate

Where = tuple[str | int, ...]


class NodeSpec(Spec):
    """A node of a nest: a storage (``store``, ``in``), or a loop (``for``), perhaps ``along`` an array."""

    store: str | None = None
    """The tensor that is kept."""
    memory: str | None = Field(default=None, alias="in")
    """Where."""
    rank: str | None = Field(default=None, alias="for")
    """The rank a loop steps through."""
    tile: PositiveInt = 1
    """Elements of a step."""
    along: str | None = None
    """The array whose places take the steps side by side."""
    refill: Literal["on_change", "each_visit", "on_slide"] = "on_change"
    """When a storage takes elements from above."""


class SpaceRules(Spec):
    """A file of rules for ``hwsim mapper``."""

    keep: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Tensors that each memory has to keep."""
    bypass: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Tensors that pass each memory by."""
    unroll: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Ranks that may lie along each array."""
    nest: tuple[NodeSpec, ...] = ()
    """A whole nest, from the outside in: it is evaluated as it stands."""


def load_rules(path: Path) -> tuple[SpaceRules, Document]:
    """The rules in a file, and the file for its positions.

    Raises:
        InputError: the file holds none, with the position.
    """
    document = load_document(path)
    return validate(SpaceRules, document), document


def ruled(space: Space, rules: SpaceRules, document: Document) -> Space:
    """``space`` under rules.

    Raises:
        InputError: a memory, tensor, array or rank that does not exist, a tensor that is both kept and passed
            by, or one that a memory does not hold; with the position.
    """
    keep, bypass = (_pairs(space, rules, document, kind) for kind in ("keep", "bypass"))
    for memory, tensor in keep & bypass:
        position = document.position(("bypass", memory))
        raise InputError(f"{memory} has to keep {tensor} and lets it pass by", position, "leave one out")
    for memory, tensor in sorted(keep):
        holds = space.machine.memory(memory).holds
        if holds is not None and space.roles[tensor] not in holds:
            position = document.position(("keep", memory))
            raise InputError(f"{memory} holds no {space.roles[tensor]}", position, f"not {tensor}")
    for array, ranks in rules.unroll.items():
        _known(array, [each.name for each in space.machine.arrays], "array", document, ("unroll", array))
        for number, rank in enumerate(ranks):
            _known(rank, list(space.problem.sizes), "rank", document, ("unroll", array, number))
    try:
        return replace(
            space,
            must_keep=(space.must_keep - bypass) | keep,
            may_not_keep=space.may_not_keep | bypass,
            unroll={**space.unroll, **rules.unroll},
        )
    except ValueError as error:
        raise InputError(str(error), document.position(("unroll",))) from error


def nest_of_rules(space: Space, rules: SpaceRules, document: Document) -> Nest:
    """The whole nest of the rules.

    Raises:
        InputError: a node that is none, or a nest that is none of the problem; with the position.
    """
    nodes = tuple(_node(space, each, document, ("nest", at)) for at, each in enumerate(rules.nest))
    wrong = faults(space.problem, nodes)
    if wrong:
        first = wrong[0]
        where: Where = ("nest",) if first.place is None else ("nest", first.place)
        raise InputError(first.message, document.position(where), first.hint)
    return nodes


def _node(space: Space, spec: NodeSpec, document: Document, where: Where) -> Node:
    machine = space.machine
    if spec.store is not None and spec.memory is not None and spec.rank is None:
        _known(spec.memory, [each.name for each in machine.memories], "memory", document, where)
        return Storage(spec.memory, spec.store, spec.refill)
    if spec.rank is None or spec.store is not None:
        hint = "{store: A, in: MEMORY}, {for: m, tile: 64} or {for: k, tile: 1, along: ARRAY}"
        raise InputError("a node is a storage or a loop", document.position(where), hint)
    if spec.along is None:
        return Temporal(spec.rank, spec.tile)
    arrays = {each.name: each for each in machine.arrays}
    _known(spec.along, list(arrays), "array", document, where)
    array = arrays[spec.along]
    return Spatial(spec.rank, spec.tile, array.width, array.name, array.shared)


def _pairs(
    space: Space, rules: SpaceRules, document: Document, kind: Literal["keep", "bypass"]
) -> frozenset[tuple[str, str]]:
    memories = [each.name for each in space.machine.memories[1:]]
    tensors = [each.name for each in space.problem.tensors]
    found = set()
    for memory, names in getattr(rules, kind).items():
        _known(memory, memories, "memory below the outermost", document, (kind, memory))
        for number, name in enumerate(names):
            _known(name, tensors, "tensor", document, (kind, memory, number))
            found.add((memory, name))
    return frozenset(found)


def _known(name: str, known: list[str], what: str, document: Document, where: Where) -> None:
    if name not in known:
        raise InputError(f"there is no {what} {name!r}", document.position(where), did_you_mean(name, known))
