"""Mapping speed: ``python -m benchmarks.mapper``. Every search ends with a proof; nothing is cached before.

The times of other mappers are those that the references state for the same problem on the same machine,
measured on the same two shared cores; they are no part of this run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from hwsim.mapping.exact.found import find
from hwsim.mapping.exact.fused import Chain, find_chain
from hwsim.mapping.exact.slope import ski_slope
from hwsim.mapping.loopnest.problem import matmul
from hwsim.mapping.one_buffer.answer import mapper_answer
from hwsim.mapping.one_buffer.model import Sizes
from hwsim.validation.mappers.chain import workload_of
from hwsim.validation.mappers.machines import machine_called
from hwsim.validation.mappers.rules import space_of
from hwsim.validation.references import accelforge, zigzag

BITS = {"A": 8, "B": 8, "C": 8}
CHAIN = "S[m,n]=Q[m,e]*Kt[e,n]; O[m,f]=S[m,n]*V[n,f]; M=N=512, E=F=64, 8 bits every tensor"


def gemm(machine: str, objective: str) -> object:
    """A product of 1024 x 1024 x 1024 on one of the references' machines."""
    problem = matmul("gemm", {"M": 1024, "N": 1024, "K": 1024}, "A", "B", "C", "MNK")
    found = find(space_of(problem, machine_called(machine), BITS), objective)
    assert found.proved
    return found.value


def chain(machine: str, memory: str) -> object:
    """Two products of an attention-like chain, fused or not."""
    workload, spec = workload_of(CHAIN, []), machine_called(machine)
    spaces = [space_of(einsum, spec, workload.tensor_bits) for einsum in workload.einsums]
    found = find_chain(Chain(*spaces, "S", memory), "energy")
    assert found is not None
    return found.value


def slope() -> object:
    """The whole curve of a product of 1024 x 1024 x 1024."""
    problem = matmul("gemm", {"M": 1024, "N": 1024, "K": 1024}, "A", "B", "C", "MNK")
    return f"{len(ski_slope(problem))} steps"


def one_buffer() -> object:
    """A product of 10^6 x 10^6 x 10^6 through one buffer."""
    return mapper_answer(Sizes(10**6, 10**6, 10**6), 10**8)["optimal_dram_words"]


WORK = {
    "1024^3, DRAM + 64 KiB + registers, energy": (lambda: gemm("mini_tpu_64KiB", "energy"), 1.0, "g1024_64K"),
    "1024^3, DRAM + 64 KiB + registers, latency": (lambda: gemm("mini_tpu_64KiB", "latency"), 1.0, None),
    "1024^3, DRAM + 64 KiB + registers, frontier": (lambda: gemm("mini_tpu_64KiB", "pareto"), None, None),
    "1024^3, ZigZag's 2 MiB machine, energy": (
        lambda: gemm("tpu_like_2MiB", "energy"),
        None,
        "g1024_2M_energy",
    ),
    "two products, 32 KiB, fused": (lambda: chain("simple_32KiB", "GlobalBuffer"), 5.0, "simple_chain_fused"),
    "two products, 64 KiB + registers, fused": (lambda: chain("mini_tpu_64KiB", "GLB"), 5.0, "attn_fused"),
    "1024^3, traffic for every capacity": (slope, None, None),
    "10^6 cubed through one buffer": (one_buffer, None, None),
}


def stated() -> dict[str, float]:
    """Seconds that other mappers took, by case."""
    cases = [case for each in (accelforge, zigzag) for case in json.loads(each.SHIPPED.read_text())["cases"]]
    return {case["case"]: case.get("map_wall_s", case.get("search_wall_s")) for case in cases}


def alone(name: str) -> float:
    """Seconds of one piece of work in a process of its own, without its start."""
    code = f"from benchmarks.mapper import once; once({name!r})"
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=root)
    return float(done.stdout)


def once(name: str) -> None:
    """Do the work and print how long it took."""
    started = time.perf_counter()
    WORK[name][0]()
    print(time.perf_counter() - started)


def main() -> int:
    """Print each time beside its limit and the other mapper's; 1 if a limit is missed."""
    missed, theirs = 0, stated()
    for name, (_, limit, case) in WORK.items():
        seconds = alone(name)
        missed |= limit is not None and seconds > limit
        target = f"limit {limit:.0f} s" if limit else ""
        other = f"{theirs[case]:.1f} s there, {theirs[case] / seconds:.0f} x" if case else ""
        print(f"{name:48} {seconds:7.3f} s   {target:10} {other}", flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
