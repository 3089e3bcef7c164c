"""AccelForge's mappings: nodes from the outside in, branches of fused Einsums after ``sequential:``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from hwsim.mapping.loopnest.machine_file import MachineSpec
from hwsim.mapping.loopnest.nodes import Nest, Node, Spatial, Storage, Temporal
from hwsim.mapping.loopnest.problem import Problem
from hwsim.spec.errors import InputError, did_you_mean

_STORE = re.compile(r"store \[(.*)\] in (\S+)")
_TEMPORAL = re.compile(r"temporal (\w+) tile ([0-9]+)")
_SPATIAL = re.compile(r"spatial (\w+) extent ([0-9]+) step ([0-9]+) over (\S+)")
_COMPUTE = re.compile(r"compute (\S+) on (\S+)")


def nests_of(lines: Sequence[str], einsums: Sequence[Problem], machine: MachineSpec) -> list[Nest]:
    """The nest of every Einsum: the nodes all have in common, then those of its own branch.

    Raises:
        InputError: a line that is none of AccelForge's, an array the machine lacks, or another number of
            branches than of Einsums.
    """
    branches = _branches(lines)
    if len(branches) != len(einsums):
        raise InputError(f"the mapping computes {len(branches)} Einsums, the workload has {len(einsums)}")
    return [
        _of_einsum([node for line in branch for node in _nodes(line, machine)], einsum)
        for branch, einsum in zip(branches, einsums, strict=True)
    ]


def _branches(lines: Iterable[str]) -> list[list[str]]:
    """Lines by Einsum, those in common first."""
    common: list[str] = []
    branches: list[list[str]] = [[]]
    for line in lines:
        if line.strip() == "sequential:":
            common, branches = branches[0], [[]]
        elif _COMPUTE.fullmatch(line.strip()):
            branches.append([])
        else:
            branches[-1].append(line)
    return [[*common, *branch] for branch in branches[:-1]]


def _nodes(line: str, machine: MachineSpec) -> list[Node]:
    text = line.strip()
    if found := _STORE.fullmatch(text):
        return [Storage(found[2], tensor) for tensor in re.findall(r"\w+", found[1])]
    if found := _TEMPORAL.fullmatch(text):
        return [Temporal(found[1], int(found[2]))]
    if found := _SPATIAL.fullmatch(text):
        rank, extent, step, along = found.groups()
        if along not in machine.arrays:
            raise InputError(
                f"{machine.name} has no array {along!r}", hint=did_you_mean(along, machine.arrays)
            )
        return [Spatial(rank, int(step), int(extent), along, machine.arrays[along].shared)]
    hint = "a line is 'store [...] in X', 'temporal R tile T', 'spatial R extent E step S over D'"
    raise InputError(f"no node of a mapping: {text!r}", hint=hint)


def _of_einsum(nodes: Sequence[Node], einsum: Problem) -> Nest:
    """The nodes that concern an Einsum: loops over its ranks, storages of its tensors."""
    names = {tensor.name for tensor in einsum.tensors}
    return tuple(
        node
        for node in nodes
        if (node.tensor in names if isinstance(node, Storage) else node.rank in einsum.sizes)
    )
