"""Random small problems and nests of them."""

from __future__ import annotations

import random

from hwsim.mapping.loopnest.nodes import Spatial, Storage, Temporal
from hwsim.mapping.loopnest.problem import Problem, Tensor, simple


def random_problem(rng: random.Random) -> Problem:
    """A product, a convolution with one or two windows, or a grouped one."""
    kind = rng.choice(["matmul", "matmul", "conv1d", "conv2d", "batched"])
    if kind == "matmul":
        sizes = {rank: rng.randint(1, 9) for rank in "MNK"}
        return Problem(
            kind,
            sizes,
            (
                Tensor("A", simple("M", "K")),
                Tensor("B", simple("K", "N")),
                Tensor("Z", simple("M", "N"), True),
            ),
        )
    if kind == "batched":
        sizes = {rank: rng.randint(1, 5) for rank in "HMNK"}
        return Problem(
            kind,
            sizes,
            (
                Tensor("A", simple("H", "M", "K")),
                Tensor("B", simple("H", "K", "N")),
                Tensor("Z", simple("H", "M", "N"), True),
            ),
        )
    window = lambda out, tap: ((out, rng.randint(1, 3)), (tap, rng.randint(1, 2)))  # noqa: E731
    if kind == "conv1d":
        sizes = {
            "P": rng.randint(1, 8),
            "R": rng.randint(1, 4),
            "C": rng.randint(1, 4),
            "O": rng.randint(1, 3),
        }
        return Problem(
            kind,
            sizes,
            (
                Tensor("A", (window("P", "R"), *simple("C"))),
                Tensor("B", simple("R", "C", "O")),
                Tensor("Z", simple("P", "O"), True),
            ),
        )
    sizes = {
        "P": rng.randint(1, 5),
        "Q": rng.randint(1, 4),
        "R": rng.randint(1, 3),
        "S": rng.randint(1, 2),
        "O": rng.randint(1, 2),
    }
    return Problem(
        kind,
        sizes,
        (
            Tensor("A", (window("P", "R"), window("Q", "S"))),
            Tensor("B", simple("R", "S", "O")),
            Tensor("Z", simple("P", "Q", "O"), True),
        ),
    )


def random_loops(rng: random.Random, problem: Problem, most: int = 7) -> list:
    """Loops with tiles that shrink rank by rank, down to single elements; some of them spatial."""
    left = dict(problem.sizes)
    loops = []
    for _ in range(rng.randint(0, most)):
        rank = rng.choice(sorted(left))
        tile = rng.randint(1, left[rank])
        trips = -(-left[rank] // tile)
        if rng.random() < 0.35 and trips <= 4:
            width = rng.randint(trips, 4)
            loops.append(Spatial(rank, tile, width, f"d{len(loops)}", rng.random() < 0.7))
        else:
            loops.append(Temporal(rank, tile))
        left[rank] = tile
    rest = [rank for rank, extent in left.items() if extent > 1]
    rng.shuffle(rest)
    return [*loops, *(Temporal(rank, 1) for rank in rest)]


def random_nest(rng: random.Random, problem: Problem, memories: tuple[str, ...]) -> tuple:
    """A nest with every tensor in the first memory on top, and in some of the others somewhere."""
    loops = random_loops(rng, problem)
    nodes: list = list(loops)
    for tensor in problem.tensors:
        places = sorted(rng.randint(0, len(loops)) for _ in memories[1:])
        for memory, place in zip(memories[1:], places, strict=True):
            if rng.random() < 0.7:
                refill = rng.choice(["on_change", "on_change", "each_visit", "on_slide"])
                held = rng.randint(0, _may_stay(nodes, place, tensor))
                nodes = _insert(nodes, place, Storage(memory, tensor.name, refill, held))
    return (*(Storage(memories[0], tensor.name) for tensor in problem.tensors), *nodes)


def _may_stay(nodes: list, place: int, tensor: Tensor) -> int:
    """How many temporal loops above ``place``, the nearest first, do not move a tensor."""
    loops = [node for node in nodes if not isinstance(node, Storage)][:place]
    temporal = [loop for loop in loops if isinstance(loop, Temporal)][::-1]
    return next((n for n, loop in enumerate(temporal) if loop.rank in tensor.ranks), len(temporal))


def _insert(nodes: list, place: int, storage: Storage) -> list:
    """``storage`` after ``place`` loops, behind other storages there."""
    loops = 0
    for at, node in enumerate(nodes):
        if not isinstance(node, Storage):
            if loops == place:
                return [*nodes[:at], storage, *nodes[at:]]
            loops += 1
    return [*nodes, storage]
