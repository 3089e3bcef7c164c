"""Mapping speed: ``python -m benchmarks.mapper [ZIGZAG_PYTHON]``. Every search ends with a proof; nothing is
cached before, but for the line that says so.

ZigZag runs in the same run where the interpreter of an environment with zigzag-dse==3.9.1 is given; else, and
for AccelForge, the times are those that the references state, measured on the same two shared cores.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hwsim.explore.best_nest import Question, best_nest
from hwsim.mapping.exact.found import find
from hwsim.mapping.exact.fused import Chain, find_chain
from hwsim.mapping.exact.slope import ski_slope
from hwsim.mapping.loopnest.problem import Problem, Tensor, convolution, matmul, simple
from hwsim.mapping.one_buffer.answer import mapper_answer
from hwsim.mapping.one_buffer.model import Sizes
from hwsim.validation.mappers.chain import workload_of
from hwsim.validation.mappers.machines import FOLDER, machine_called
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


RESNET50_STAGES = ((64, 56, 64), (128, 28, 256), (256, 14, 512), (512, 7, 1024))
"""Channels inside, pixels a side, channels in: He et al., CVPR 2016, table 1."""


def resnet50_layers() -> tuple[tuple[int, ...], ...]:
    """Every different convolution and the classifier, as K, C, pixels a side, taps a side, stride."""
    found = [(64, 3, 112, 7, 2)]
    for inside, pixels, before in RESNET50_STAGES:
        stride = 1 if inside == 64 else 2
        found += [(inside, before, pixels, 1, stride), (4 * inside, before, pixels, 1, stride)]
        found += [(inside, inside, pixels, 3, 1), (4 * inside, inside, pixels, 1, 1)]
        found += [(inside, 4 * inside, pixels, 1, 1)]
    return (*dict.fromkeys(found), (1000, 2048, 1, 1, 1))


def resnet50() -> object:
    """All different layers of ResNet-50, energy."""
    spec, values = machine_called("mini_tpu_64KiB"), []
    for K, C, pixels, taps, stride in resnet50_layers():
        sizes = {"K": K, "C": C, "P": pixels, "Q": pixels, "R": taps, "S": taps}
        problem = convolution("layer", sizes, (stride, stride))
        found = find(space_of(problem, spec, {"I": 8, "W": 8, "O": 8}), "energy")
        assert found.proved
        values.append(found.value)
    return values


def decoder_layer() -> object:
    """One decoder layer of a 7B model (Llama 2: 4096 wide, 32 heads, 11008 inside), 2048 tokens, energy."""
    spec, tokens = machine_called("mini_tpu_64KiB"), 2048
    products = [(tokens, 4096, 4096), (tokens, 11008, 4096), (tokens, 4096, 11008)]
    problems = [matmul("g", dict(zip("MNK", each, strict=True)), "A", "B", "C", "MNK") for each in products]
    problems += [_heads(tokens, tokens, 128), _heads(tokens, 128, tokens)]
    found = [find(space_of(problem, spec, BITS), "energy") for problem in problems]
    assert all(each.proved for each in found)
    return [each.value for each in found]


def _heads(M: int, N: int, K: int) -> Problem:
    tensors = (
        Tensor("A", simple("H", "M", "K")),
        Tensor("B", simple("H", "K", "N")),
        Tensor("C", simple("H", "M", "N"), True),
    )
    return Problem("heads", {"H": 32, "M": M, "N": N, "K": K}, tensors)


def remembered() -> object:
    """The second answer to one question."""
    machine = str(FOLDER / "mini_tpu_64KiB.yaml")
    question = Question("C[m,n]=A[m,k]*B[k,n]", "m=1024,n=1024,k=1024", machine, "energy")
    best_nest(question)
    started = time.perf_counter()
    best_nest(question)
    return time.perf_counter() - started


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
    "all different layers of ResNet-50": (resnet50, 20.0, None),
    "a decoder layer of a 7B model, 2048 tokens": (decoder_layer, 10.0, None),
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


def zigzag_now(python: str) -> dict[str, float]:
    """Seconds that ZigZag takes here and now, by case."""
    peer = Path(__file__).parent / "zigzag_peer.py"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [python, str(peer), "1024", "1024", "1024", "16777216"],
            check=True,
            capture_output=True,
            text=True,
            cwd=folder,
        )
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"ZigZag here: {found['energy_pj']:.6g} pJ in {found['search_s']:.1f} s")
    return {"g1024_2M_energy": found["search_s"]}


def main() -> int:
    """Print each time beside its limit and the other mapper's; 1 if a limit is missed."""
    missed, theirs = 0, stated()
    if len(sys.argv) > 1:
        theirs |= zigzag_now(sys.argv[1])
    for name, (_, limit, case) in WORK.items():
        seconds = alone(name)
        missed |= limit is not None and seconds > limit
        target = f"limit {limit:.0f} s" if limit else ""
        other = f"{theirs[case]:.1f} s there, {theirs[case] / seconds:.0f} x" if case else ""
        print(f"{name:48} {seconds:7.3f} s   {target:10} {other}", flush=True)
    seconds = float(str(remembered()))
    print(f"{'1024^3 again, remembered on the disk':48} {seconds:7.3f} s   limit 0.1 s")
    return int(missed or seconds > 0.1)


if __name__ == "__main__":
    sys.exit(main())
