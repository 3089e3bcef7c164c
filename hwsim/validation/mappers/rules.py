"""The mapspace of a reference's machine: what its memories hold, and what may lie along its arrays."""

from __future__ import annotations

from collections.abc import Mapping

from hwsim.mapping.exact.space import Space
from hwsim.mapping.loopnest.machine_file import MachineSpec, machine
from hwsim.mapping.loopnest.problem import Problem


def roles_of(problem: Problem) -> dict[str, str]:
    """Left operand, right operand and result as memories call them."""
    left, right, result = problem.tensors
    return {left.name: "input", right.name: "weight", result.name: "output"}


def space_of(problem: Problem, spec: MachineSpec, bits: Mapping[str, int]) -> Space:
    """Everything the machine allows; registers keep what they are there for, windows lie along no array."""
    roles = roles_of(problem)
    windowed = frozenset[str]().union(*(tensor.windowed for tensor in problem.tensors))
    tensors = {role: problem.tensor(name) for name, role in roles.items()}
    unroll = {
        name: tuple(rank for rank in problem.sizes if rank not in tensors[array.reuses].ranks | windowed)
        for name, array in spec.arrays.items()
        if array.reuses
    }
    innermost = [
        (name, tensors[role].name)
        for name, memory in spec.memories.items()
        if memory.holds is not None and len(memory.holds) == 1
        for role in memory.holds
    ]
    return Space(problem, machine(spec), bits, roles, unroll, must_keep=frozenset(innermost))
