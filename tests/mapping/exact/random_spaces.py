"""Random small machines and what may be kept on them."""

from __future__ import annotations

import random
from dataclasses import replace
from math import inf

from hwsim.mapping.exact.space import Space
from hwsim.mapping.loopnest.machine import Array, Compute, Machine, Memory, Port
from hwsim.mapping.loopnest.problem import Problem, Tensor, matmul, simple

ROLES = {"A": "input", "B": "weight", "Z": "output"}


def random_space(rng: random.Random, most: int) -> Space:
    """A product on a machine of two or three memories and up to two arrays."""
    return _space(rng, _problem(rng, most))


def random_convolution_space(rng: random.Random) -> Space:
    """A convolution of one sliding window, or a tiny one of two, on such a machine."""
    window = lambda out, tap: ((out, rng.randint(1, 3)), (tap, rng.randint(1, 2)))  # noqa: E731
    if rng.random() < 0.75:
        sizes = {
            "P": rng.randint(2, 5),
            "R": rng.randint(1, 3),
            "C": rng.randint(1, 2),
            "K": rng.randint(1, 2),
        }
        tensors = (
            Tensor("A", (window("P", "R"), *simple("C"))),
            Tensor("B", simple("R", "C", "K")),
            Tensor("Z", simple("P", "K"), True),
        )
        return _space(rng, Problem("conv", sizes, tensors))
    sizes = {rank: rng.randint(1, 2) for rank in "PQRS"} | {"K": rng.randint(1, 2)}
    tensors = (
        Tensor("A", (window("P", "R"), window("Q", "S"))),
        Tensor("B", simple("R", "S", "K")),
        Tensor("Z", simple("P", "Q", "K"), True),
    )
    return _space(rng, Problem("conv2d", sizes, tensors))


def random_register_space(rng: random.Random) -> Space:
    """A product on an array whose places keep one operand, below a buffer of the others."""
    problem = matmul("mm", {rank: rng.randint(1, 3) for rank in "MNK"}, "A", "B", "Z", "MNK")
    kept, buffered = rng.sample(["input", "weight", "output"], 2)
    memories = (
        _memory(rng, "m0", 0, 2),
        replace(_memory(rng, "m1", 1, 2), holds=frozenset({buffered, rng.choice([buffered, kept])})),
        replace(_memory(rng, "m2", 2, 2), holds=frozenset({kept})),
    )
    arrays = (Array("a0", rng.randint(2, 3), "m1", rng.random() < 0.8),)
    machine = Machine("random", memories, arrays, Compute("mac", 1, float(rng.randint(1, 4)), 1.0))
    must = frozenset({("m2", name) for name, role in ROLES.items() if role == kept})
    bits = {name: rng.choice([1, 2, 4]) for name in ROLES}
    return Space(problem, machine, bits, ROLES, must_keep=must)


def _space(rng: random.Random, problem: Problem) -> Space:
    windowed = {rank for tensor in problem.tensors for rank in tensor.windowed}
    alone = sorted(set(problem.sizes) - windowed)
    depth = rng.choice([2, 2, 3])
    memories = [_memory(rng, f"m{level}", level, depth) for level in range(depth)]
    arrays = tuple(
        Array(f"a{number}", rng.randint(1, 3), rng.choice(memories).name, rng.random() < 0.8)
        for number in range(rng.choice([0, 1, 1, 2]))
    )
    machine = Machine("random", tuple(memories), arrays, Compute("mac", 1, float(rng.randint(1, 4)), 1.0))
    pairs = [(memory.name, name) for memory in memories[1:] for name in ROLES if _holds(memory, name)]
    must = frozenset(pair for pair in pairs if rng.random() < 0.15)
    never = frozenset(pair for pair in pairs if pair not in must and rng.random() < 0.15)
    bits = {name: rng.choice([1, 2, 4]) for name in ROLES}
    unroll = {array.name: tuple(rng.sample(alone, rng.randint(1, min(2, len(alone))))) for array in arrays}
    return Space(problem, machine, bits, ROLES, unroll, must, never)


def _problem(rng: random.Random, most: int) -> Problem:
    sizes = {rank: rng.randint(1, most) for rank in "MNK"}
    if rng.random() < 0.75:
        return matmul("mm", sizes, "A", "B", "Z", "MNK")
    tensors = (
        Tensor("A", simple("M", "K")),
        Tensor("B", simple("M", "K", "N")),
        Tensor("Z", simple("M", "N"), True),
    )
    return Problem("batched", sizes, tensors)


def _memory(rng: random.Random, name: str, level: int, depth: int) -> Memory:
    roles = ("input", "weight", "output")
    few = level and rng.random() < (0.8 if depth == 3 else 0.4)
    holds = frozenset(rng.sample(roles, rng.randint(1, 2 if depth == 2 else 1))) if few else None
    if depth == 3 and holds is None and level:
        holds = frozenset(rng.sample(roles, 2))
    price = rng.choice([1.0, 3.0, 10.0, 30.0]) / (level + 1)
    return Memory(
        name,
        rng.choice([4, 8, 16, 24]) if level else inf,
        Port(rng.choice([inf, 0.5, 2.0, 8.0]), price),
        Port(rng.choice([inf, 0.5, 2.0, 8.0]), price + rng.choice([0.0, 0.5])),
        rng.random() < 0.5,
        holds=holds,
        reads_zeros=rng.random() < 0.3,
    )


def _holds(memory: Memory, name: str) -> bool:
    return memory.holds is None or ROLES[name] in memory.holds
