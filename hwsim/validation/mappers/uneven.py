"""ZigZag's temporal mappings: for each operand the loops of each of its memories, from the inside out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from hwsim.mapping.loopnest.machine_file import MachineSpec
from hwsim.mapping.loopnest.nodes import Nest, Node, Spatial, Storage, Temporal
from hwsim.spec.errors import InputError

OPERANDS = {"O": "output", "I": "input", "W": "weight"}
"""ZigZag's operands by the role that memories hold."""
RANKS = {"D0": "M", "D1": "N", "D2": "K"}
_OPERAND = re.compile(r"([A-Z]): \[((?:\[[^\[\]]*\](?:, )?)*)\]")
_LEVEL = re.compile(r"\[([^\[\]]*)\]")
_LOOP = re.compile(r"\((D[012]), ([0-9]+)\)")

Loop = tuple[str, int]
"""A rank and how many steps."""


@dataclass(frozen=True)
class Uneven:
    """The loops of a mapping, innermost first, and where each operand's memories end among them."""

    loops: tuple[Loop, ...]
    ends: Mapping[str, tuple[int, ...]]


def uneven_of(text: str) -> Uneven:
    """The mapping in ``text``.

    Raises:
        InputError: it is none, or operands disagree about the order of the loops.
    """
    found = {name: _LEVEL.findall(levels) for name, levels in _OPERAND.findall(text)}
    if set(found) != set(OPERANDS):
        hint = "such as {O: [[(D2, 4)], [], []], I: [[(D2, 4)], []], W: [[(D2, 4)], []]}"
        raise InputError(f"no mapping of O, I and W: {text[:60]!r}", hint=hint)
    by_level = {
        name: [[(RANKS[rank], int(steps)) for rank, steps in _LOOP.findall(level)] for level in levels]
        for name, levels in found.items()
    }
    orders = {name: tuple(loop for level in levels for loop in level) for name, levels in by_level.items()}
    if len(set(orders.values())) != 1:
        raise InputError("the operands of the mapping have different loops", hint=text[:200])
    ends = {name: _ends([len(level) for level in levels]) for name, levels in by_level.items()}
    return Uneven(orders["O"], ends)


def _ends(lengths: Sequence[int]) -> tuple[int, ...]:
    """How many loops lie inside each memory, innermost memory first."""
    return tuple(sum(lengths[: level + 1]) for level in range(len(lengths)))


def memories_of(operand: str, machine: MachineSpec) -> list[str]:
    """The memories that hold an operand, innermost first."""
    role = OPERANDS[operand]
    found = [name for name, each in machine.memories.items() if each.holds is None or role in each.holds]
    return found[::-1]


def nest_of(mapping: Uneven, operand: str, machine: MachineSpec, spatial: Mapping[str, str]) -> Nest:
    """The nest as ``operand`` sees it; ``spatial`` says which rank each array unrolls.

    The array stands right above the operand's first memory that is in every place, or inside all loops: for
    tiles that divide it makes no difference to what moves which part of a rank a place works on.

    Raises:
        InputError: the mapping has another number of memories than the machine.
    """
    memories = memories_of(operand, machine)
    ends = mapping.ends[operand]
    if len(ends) != len(memories):
        message = f"operand {operand} has loops for {len(ends)} memories, {machine.name} has {len(memories)}"
        raise InputError(message, hint=", ".join(memories))
    array = next((level for level, name in enumerate(memories) if machine.memories[name].instances == 1), 0)
    parts: list[_Steps | Storage] = []
    for level in reversed(range(len(memories))):
        parts += [
            _Steps(*loop) for loop in mapping.loops[ends[level] :][: _outer(ends, level) - ends[level]][::-1]
        ]
        if level == array - 1:
            parts += _places(machine, spatial)
        parts.append(Storage(memories[level], operand))
    parts += [_Steps(*loop) for loop in mapping.loops[: ends[0]][::-1]]
    return _with_tiles([*parts, *(_places(machine, spatial) if array == 0 else [])])


def _outer(ends: Sequence[int], level: int) -> int:
    return ends[level + 1] if level + 1 < len(ends) else ends[level]


@dataclass(frozen=True, slots=True)
class _Steps:
    """A loop that only says how often it steps; ``array`` is where its steps lie side by side."""

    rank: str
    count: int
    array: str | None = None
    shared: bool = True


def _places(machine: MachineSpec, spatial: Mapping[str, str]) -> list[_Steps | Storage]:
    return [
        _Steps(rank, machine.arrays[name].width, name, machine.arrays[name].shared)
        for name, rank in spatial.items()
    ]


def _with_tiles(parts: Sequence[_Steps | Storage]) -> Nest:
    """The nest with the tile that the loops inside leave to each."""
    nodes: list[Node] = []
    for at, part in enumerate(parts):
        if isinstance(part, Storage):
            nodes.append(part)
            continue
        inside = (each for each in parts[at + 1 :] if isinstance(each, _Steps) and each.rank == part.rank)
        tile = prod(each.count for each in inside)
        nodes.append(
            Spatial(part.rank, tile, part.count, part.array, part.shared)
            if part.array
            else Temporal(part.rank, tile)
        )
    return tuple(nodes)
