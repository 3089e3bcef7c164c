"""The frontier of exact scheduling: graphs that a plain solver leaves unproved, made here and solved.

    python -m benchmarks.frontier [--limit SECONDS] [--only NAME]...

Stacked NASNet-A cells (42 operators for two), and random wired graphs of 33 to 51 operators: a ring of nodes
joined to their nearest neighbours, some edges rewired, directed by node number (Watts and Strogatz 1998; Xie
et al. 2019, arXiv:1904.01569).
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator

from hwsim.schedule.problem import Operator, Problem, Tensor, TensorKind
from hwsim.schedule.solve import SolveOptions, solve

# One state of a NASNet-A cell at 28 x 28 x 11, int8 (as in the reference instance nasnet_1_mr).
STATE = 8624
# Blocks of the normal cell (Zoph et al. 2018, fig. 4): (operations on h or hm, the sum's further state).
BLOCKS: tuple[tuple[tuple[tuple[str, ...], str], ...], ...] = (
    ((("s5", "s5"), "h"), (("s3", "s3"), "hm")),
    ((("s5", "s5"), "hm"), (("s3", "s3"), "hm")),
    ((("av",), "h"), ((), "hm")),
    ((("av",), "hm"), (("av",), "hm")),
    ((("s3", "s3"), "h"), ((), "h")),
)


def nasnet(cells: int, scratchpad: int) -> Problem:
    """Normal cells in a row; each reads the outputs of the two before it."""
    sizes = {"xm": 2 * STATE, "x": 2 * STATE}
    operators: list[Operator] = []

    def run(name: str, inputs: tuple[str, ...], size: int = STATE) -> str:
        sizes[f"t_{name}"] = size
        operators.append(Operator(name, inputs, (f"t_{name}",)))
        return f"t_{name}"

    before, now = "xm", "x"
    for cell in range(cells):
        states = {"h": run(f"{cell}h", (now,)), "hm": run(f"{cell}hm", (before,))}
        sums = []
        for number, block in enumerate(BLOCKS):
            ends = []
            for side, (chain, start) in enumerate(block):
                end = states[start]
                for step, kind in enumerate(chain):
                    end = run(f"{cell}b{number}{side}{kind}{step}", (end,))
                ends.append(end)
            sums.append(run(f"{cell}sum{number}", tuple(dict.fromkeys(ends))))
        before, now = now, run(f"{cell}cat", (*sums, states["hm"]), 6 * STATE)
    return _problem(sizes, operators, scratchpad)


def random_wired(nodes: int, neighbours: int, rewired: float, seed: int) -> Problem:
    """A random wired graph in its smallest scratchpad, MR."""
    dice = random.Random(seed)
    edges = {(node, (node + step) % nodes) for node in range(nodes) for step in range(1, neighbours // 2 + 1)}
    moved = set()
    for one, other in sorted(edges):
        end = dice.randrange(nodes) if dice.random() < rewired else other
        if end != one:
            moved.add((min(one, end), max(one, end)))
    sizes = {"x": 4096} | {f"t{node}": 4096 * dice.choice((1, 1, 1, 2, 3)) for node in range(nodes)}
    reads = {node: sorted(one for one, other in moved if other == node) for node in range(nodes)}
    operators = [
        Operator(f"n{node}", tuple(f"t{one}" for one in reads[node]) or ("x",), (f"t{node}",))
        for node in range(nodes)
    ]
    ends = [f"t{node}" for node in range(nodes) if all(one != node for one, _ in moved)]
    sizes["y"] = 4096
    operators.append(Operator("out", tuple(ends), ("y",)))
    problem = _problem(sizes, operators, 1)
    return problem.with_scratchpad(max(problem.working_set_bytes(op.id) for op in operators))


def _problem(sizes: dict[str, int], operators: list[Operator], scratchpad: int) -> Problem:
    made = {tensor for operator in operators for tensor in operator.outputs}
    read = {tensor for operator in operators for tensor in operator.inputs}

    def kind(name: str) -> TensorKind:
        if name not in made:
            return TensorKind.INPUT
        return TensorKind.ACTIVATION if name in read else TensorKind.OUTPUT

    tensors = tuple(Tensor(name, size, kind(name)) for name, size in sizes.items())
    return Problem(tensors, tuple(operators), scratchpad)


def cases() -> Iterator[tuple[str, Problem]]:
    """Every graph of the frontier by name."""
    for scratchpad in (103_488, 112_112):
        yield f"nasnet_2_{scratchpad}", nasnet(2, scratchpad)
    for scratchpad in (103_488, 112_112):
        yield f"nasnet_3_{scratchpad}", nasnet(3, scratchpad)
    for nodes in (32, 36, 40, 44, 50):
        for seed in (1, 2):
            yield f"randwire_{nodes}_{seed}", random_wired(nodes, 4, 0.5, seed)


def main() -> None:
    """Solve the frontier and print what is proved."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=120.0)
    parser.add_argument("--only", action="append", help="beginning of a name; may be repeated")
    options = parser.parse_args()
    for name, problem in cases():
        if not options.only or any(name.startswith(each) for each in options.only):
            started = time.perf_counter()
            result = solve(problem, SolveOptions(time_limit_s=options.limit))
            print(
                f"{name:22s} {len(problem.operators):3d} operators {problem.scratchpad_bytes:7d} B  "
                f"{result.status:8s} {result.noncompulsory_bytes} >= {result.lower_bound_bytes} "
                f"gap {100 * (result.gap or 0):.1f} %  {time.perf_counter() - started:.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
