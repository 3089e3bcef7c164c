"""Allocation: what is decided within a cap and how fast, against a plain CP-SAT no-overlap model, in one run.

    python -m benchmarks.allocation [--minimalloc FOLDER] [--cap SECONDS] [--packings N] [--no-peer]

The instances: MiniMalloc's benchmark where its folder is given; random packings that are 98 to 100 % full by
construction (tests/strategies/packings.py), so that nothing here is tuned to eleven files; the tensors of
the shipped graphs and the activations of whole shipped networks, run in their own order, in the least memory
their load allows. A capped run counts as the cap, so ratios are lower limits. Compiled code is loaded before
the first measurement; the time is told.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from strategies.packings import FAMILIES, family  # noqa: E402  (found by the path above)

from hwsim.schedule.allocation import Status, is_valid, largest_load  # noqa: E402
from hwsim.schedule.buffer_file import read_buffers  # noqa: E402
from hwsim.schedule.buffers import Buffer  # noqa: E402
from hwsim.schedule.from_workload import problem_from_workload  # noqa: E402
from hwsim.schedule.graph_file import read_problem  # noqa: E402
from hwsim.schedule.problem import Problem  # noqa: E402
from hwsim.schedule.timed_allocation import allocate_verified  # noqa: E402
from hwsim.schedule.variants import activations_only  # noqa: E402
from hwsim.validation.references.cosma import SHIPPED  # noqa: E402
from hwsim.workload.load import load_workload  # noqa: E402

NETWORKS = (
    "nasnet_a_large",
    "amoebanet_d",
    "darts",
    "pnasnet_5_large",
    "inception_v2",
    "densenet121",
    "bert_base",
)


@dataclass(frozen=True)
class Instance:
    """One question."""

    name: str
    buffers: tuple[Buffer, ...]
    capacity: int


def minimalloc(folder: Path) -> Iterator[Instance]:
    """Every ``NAME.CAPACITY.csv`` but the example of five buffers."""
    for file in sorted(folder.glob("?.*.csv")):
        yield Instance(file.stem, read_buffers(file), int(file.stem.split(".")[1]))


def packings(name: str, count: int) -> Iterator[Instance]:
    """The first ones of a family."""
    for number, packing in enumerate(family(name, count)):
        yield Instance(f"{name}, {number}", packing.buffers, packing.capacity)


def shipped() -> Iterator[Instance]:
    """The tensors of each shipped graph while it runs in the order of its file, all kept on chip."""
    for file in sorted(SHIPPED.glob("*.json")):
        buffers = lifetimes(read_problem(file))
        yield Instance(file.stem, buffers, largest_load(buffers)[0])


def networks() -> Iterator[Instance]:
    """The activations of whole networks, likewise."""
    for name in NETWORKS:
        problem = problem_from_workload(load_workload(name).with_datatype("int8"), 1)
        buffers = lifetimes(activations_only(problem))
        yield Instance(name, buffers, largest_load(buffers)[0])


def lifetimes(problem: Problem) -> tuple[Buffer, ...]:
    """Each tensor from the first to the last operator that touches it."""
    steps: dict[str, list[int]] = {}
    for step, operator in enumerate(problem.operators):
        for tensor in operator.tensors:
            steps.setdefault(tensor, []).append(step)
    return tuple(
        Buffer(tensor, min(at), max(at) + 1, problem.tensor[tensor].size) for tensor, at in steps.items()
    )


def hwsim(instance: Instance, cap: float) -> str:
    """Our status."""
    return str(allocate_verified(instance.buffers, instance.capacity, cap).allocation.status)


def cpsat(instance: Instance, cap: float) -> str:
    """The status of a plain model: one rectangle a buffer, none overlapping."""
    from ortools.sat.python import cp_model

    model, offsets, lives, places = cp_model.CpModel(), {}, [], []
    unit = math.gcd(*(buffer.size for buffer in instance.buffers))
    for buffer in instance.buffers:
        size = buffer.size // unit
        offset = offsets[buffer.id] = model.new_int_var(0, instance.capacity // unit - size, buffer.id)
        lives.append(model.new_fixed_size_interval_var(buffer.lower, buffer.upper - buffer.lower, ""))
        places.append(model.new_fixed_size_interval_var(offset, size, ""))
    model.add_no_overlap_2d(lives, places)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = cap
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return str(Status.INFEASIBLE)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return str(Status.UNKNOWN)
    found = {name: solver.value(offset) * unit for name, offset in offsets.items()}
    assert is_valid(instance.buffers, instance.capacity, found)
    return str(Status.FEASIBLE)


def measure(instances: Iterator[Instance], engines: tuple, cap: float) -> list[list[tuple[str, float]]]:
    """By instance and engine, the status and the seconds, the cap where nothing was decided."""
    rows = []
    for instance in instances:
        row = []
        for engine in engines:
            started = time.perf_counter()
            status = engine(instance, cap)
            spent = time.perf_counter() - started if status != Status.UNKNOWN else cap
            row.append((status, min(cap, spent)))
        told = "  ".join(f"{status:10s} {spent:7.2f} s" for status, spent in row)
        print(f"  {instance.name:44s} {len(instance.buffers):5d} buffers  {told}", flush=True)
        rows.append(row)
    return rows


def summary(name: str, engines: tuple, rows: list[list[tuple[str, float]]]) -> None:
    """Decided and slowest by engine, and the geometric mean of the peer's time over ours."""
    for column, engine in enumerate(engines):
        decided = [row[column][1] for row in rows if row[column][0] != Status.UNKNOWN]
        slowest = max(decided, default=float("nan"))
        ratios = [math.log(max(row[column][1], 1e-3) / max(row[0][1], 1e-3)) for row in rows]
        ratio = math.exp(sum(ratios) / len(ratios))
        counts = f"{len(decided)} of {len(rows)} decided, slowest {slowest:.2f} s, {ratio:.1f} x hwsim's time"
        print(f"{name}: {engine.__name__}: {counts}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minimalloc", type=Path, metavar="FOLDER")
    parser.add_argument("--cap", type=float, default=10.0)
    parser.add_argument("--packings", type=int, default=5, metavar="N", help="of each family")
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    engines = (hwsim,) if options.no_peer else (hwsim, cpsat)
    started = time.perf_counter()
    hwsim(next(packings(next(iter(FAMILIES)), 1)), options.cap)
    print(f"first allocation, with loading or compiling: {time.perf_counter() - started:.2f} s")
    groups = {name: packings(name, options.packings) for name in FAMILIES}
    if options.minimalloc:
        groups["MiniMalloc"] = minimalloc(options.minimalloc)
    for name, instances in {**groups, "shipped graphs": shipped(), "networks": networks()}.items():
        summary(name, engines, measure(instances, engines, options.cap))


if __name__ == "__main__":
    main()
