"""Regenerate ``mapper.md`` and its picture: ``python reports/mapper_page.py``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import log10
from pathlib import Path

from benchmarks.mapper import resnet50_layers
from hwsim.mapping.exact.found import Found, Mapping, find
from hwsim.mapping.exact.fused import Chain, find_chain
from hwsim.mapping.exact.slope import Step, ski_slope
from hwsim.mapping.loopnest.cost import Bits, cost
from hwsim.mapping.loopnest.machine_file import machine
from hwsim.mapping.loopnest.problem import convolution, matmul
from hwsim.mapping.loopnest.reuse import elements
from hwsim.spec.document import load_document
from hwsim.spec.model import validate
from hwsim.validation.comparison import Comparison
from hwsim.validation.mappers.chain import workload_of
from hwsim.validation.mappers.machines import machine_called
from hwsim.validation.mappers.rules import space_of
from hwsim.validation.references import accelforge, gemm_traffic, zigzag

HERE = Path(__file__).parent
MEMORY_OF = {"simple_32KiB": "GlobalBuffer", "mini_tpu_64KiB": "GLB"}
SEARCHED = ("mini_tpu_64KiB", "simple_32KiB", "tpu_v4i_like")
ZIGZAG_BITS = {"I": 8, "W": 8, "O": 8}
WIDTH, HEIGHT, MARGIN = 720, 320, 60

SPACE = """\
Ours is proved least over every order of storages, every choice of what passes a memory by, and tiles of any
size of which an outer one is a multiple of the inner one (the last is trimmed); the registers right below an
array may stay while what lies above it changes. Energies in the unit of the reference."""
DIFFERENCES = """\
* attn_fused: AccelForge was held to one loop in common (max_fused_loops=1); ours may have one a rank.
* ZigZag: sums on their way are 16 bits wide, results 8. The search takes both for 16; what it found is then
  priced by ZigZag's rule. Its optimum under that rule may be lower still.
* tpu4i_g1024 has arrays at two levels: 948 orders of storages.
* The times include nothing but the search; they were taken while others used the two cores."""
CONVOLUTIONS = """\
Seven ranks; sliding windows, whose halo stays where the loop right above a storage slides; stride 1 and 2. On
the machine of AccelForge's third case (DRAM, 64 KiB, registers below 32 x 32), 8 bits every tensor. "every
word once" is what the outermost memory has to move at least."""


def main() -> None:
    """Write the page and the picture of the ski slope."""
    slope = ski_slope(matmul("gemm", {"M": 1024, "N": 1024, "K": 1024}, "A", "B", "C", "MNK"))
    (HERE / "pictures" / "ski_slope.svg").write_text(picture(slope))
    lines = ["# The mapper against other mappers", "", "`python reports/mapper_page.py`.", ""]
    lines += [*compared(), *searched(), *convolved(), *sloped(slope)]
    (HERE / "mapper.md").write_text("\n".join(lines) + "\n")


def compared() -> Iterator[str]:
    """The same mappings on the same machines."""
    yield from ("## The same mapping, counted", "")
    yield from ("| reference | rows | equal | outside tolerance |", "|---|---|---|---|")
    found = [each.compare(None) for each in (gemm_traffic, accelforge, zigzag)]
    for each in found:
        judged = [row for row in each.rows if row.tolerance is not None]
        equal = sum(row.error == 0 for row in judged)
        yield f"| `hwsim validate {each.name}` | {len(judged)} | {equal} | {each.failed} |"
    yield ""
    yield from (f"* {each.name}: {note}" for each in found for note in each.notes)
    yield from ("", *unjudged(found[-1]), "")


def unjudged(comparison: Comparison) -> Iterator[str]:
    """Latency, where ours rests on another model."""
    yield from ("ZigZag's latency and ours, cycles:", "")
    yield from ("| case | ZigZag | ours | difference |", "|---|---|---|---|")
    for row in comparison.rows:
        if row.metric == "latency_cycles":
            yield f"| {row.case} | {row.reference:,.0f} | {row.ours:,} | {row.error:+.2%} |"


def searched() -> Iterator[str]:
    """Our optimum against what they found."""
    yield from (
        "## The best mapping, searched",
        "",
        *SPACE.splitlines(),
        "",
        "| case | theirs | our least | ratio | DRAM bytes of ours | seconds |",
        "|---|---|---|---|---|---|",
    )
    yield from (*accelforge_rows(), *zigzag_rows(), "", *DIFFERENCES.splitlines(), "")


def convolved() -> Iterator[str]:
    """The layers of ResNet-50."""
    yield from ("## The layers of ResNet-50", "", *CONVOLUTIONS.splitlines(), "")
    yield from (
        "| K | C | pixels | taps | stride | uJ | DRAM words | x every word once | seconds |",
        "|---|---|---|---|---|---|---|---|---|",
    )
    spec, total = machine_called("mini_tpu_64KiB"), 0.0
    for K, C, pixels, taps, stride in resnet50_layers():
        sizes = {"K": K, "C": C, "P": pixels, "Q": pixels, "R": taps, "S": taps}
        problem = convolution("layer", sizes, (stride, stride))
        found = find(space_of(problem, spec, ZIGZAG_BITS))
        words = sum(bits for (memory, _, _), bits in found.best.cost.bits.items() if memory == "DRAM") // 8
        least = sum(elements(tensor, problem.sizes) for tensor in problem.tensors)
        total += found.seconds
        yield (
            f"| {K} | {C} | {pixels} | {taps} | {stride} | {energy(found) * 1e6:.1f} | {words:,} "
            f"| {words / least:.3f} | {found.seconds:.2f} |"
        )
    yield from ("", f"All of them together: {total:.1f} s, every one proved.", "")


def accelforge_rows() -> Iterator[str]:
    """Products and chains, on the machines that are searched."""
    cases = validate(accelforge.CaseFile, load_document(accelforge.SHIPPED)).cases
    for number, case in enumerate(cases):
        if case.machine not in SEARCHED:
            continue
        spec = machine_called(case.machine)
        workload = workload_of(case.workload, [each.workload for each in cases[:number]])
        spaces = [space_of(einsum, spec, workload.tensor_bits) for einsum in workload.einsums]
        if len(spaces) == 1 or "no fusion" in case.workload:
            found = [find(space) for space in spaces]
            mappings = tuple(each.best for each in found)
            value, seconds = sum(energy(each) for each in found), sum(each.seconds for each in found)
        else:
            pair = find_chain(Chain(*spaces, "S", MEMORY_OF[case.machine]))
            assert pair is not None
            mappings, value, seconds = pair.mappings, pair.value, pair.seconds
        theirs = case.energy or 0.0
        yield row(
            f"AccelForge {case.case}",
            theirs,
            value / spec.energy_unit,
            mappings,
            seconds,
            next(iter(spec.memories)),
        )


def zigzag_rows() -> Iterator[str]:
    """One row for each product and machine."""
    seen = set()
    for case in validate(zigzag.CaseFile, load_document(zigzag.SHIPPED)).cases:
        key = case.M, case.N, case.K, case.machine
        if key in seen:
            continue
        seen.add(key)
        problem = matmul("gemm", {"M": case.M, "N": case.N, "K": case.K}, "I", "W", "O", "MNK")
        found = find(space_of(problem, machine_called(case.machine), {**ZIGZAG_BITS, "O": 16}))
        under_rules = Bits(ZIGZAG_BITS, 16)
        ours = cost(problem, found.best.nest, machine(machine_called(case.machine)), under_rules).energy_j
        ours *= zigzag.PICOJOULES
        yield row(f"ZigZag {case.case}", case.energy or 0.0, ours, found.mappings, found.seconds, "dram")


def energy(found: Found) -> float:
    """Joules of what was found, which must be proved."""
    assert found.proved
    assert found.value is not None
    return found.value


def row(
    name: str, theirs: float, ours: float, mappings: tuple[Mapping, ...], seconds: float, outermost: str
) -> str:
    """A line of the table."""
    words = sum(
        bits // 8
        for each in mappings
        for (memory, _, _), bits in each.cost.bits.items()
        if memory == outermost
    )
    return f"| {name} | {theirs:.6g} | {ours:.6g} | {ours / theirs:.4f} | {words:,} | {seconds:.2f} |"


def sloped(slope: tuple[Step, ...]) -> Iterator[str]:
    """The curve of traffic against capacity."""
    yield from (
        "## Ski slope of a product of 1024 x 1024 x 1024",
        "",
        f"The least words for every capacity of one buffer, {len(slope)} steps, all of them proved:",
        "tiles of each tensor at their own loop, any of them may pass the buffer by.",
        "",
        "![least words against capacity](pictures/ski_slope.svg)",
        "",
        "| capacity, words | least words |",
        "|---|---|",
    )
    chosen = [*slope[:: max(1, len(slope) // 16)], slope[-1]]
    yield from (f"| {step.capacity_words:,} | {step.words:,} |" for step in dict.fromkeys(chosen))


def picture(slope: tuple[Step, ...]) -> str:
    """The steps on two logarithmic axes."""
    steps = [step for step in slope if step.capacity_words]
    right, top = log10(steps[-1].capacity_words) * 1.05, log10(steps[0].words)
    bottom = log10(steps[-1].words) * 0.98

    def place(capacity: float, words: float) -> str:
        x = MARGIN + log10(capacity) / right * (WIDTH - 2 * MARGIN)
        y = HEIGHT - MARGIN - (log10(words) - bottom) / (top - bottom) * (HEIGHT - 2 * MARGIN)
        return f"{x:.1f},{y:.1f}"

    points = [place(steps[0].capacity_words, steps[0].words)]
    for before, step in pairwise(steps):
        points += [place(step.capacity_words, before.words), place(step.capacity_words, step.words)]
    points.append(place(10**right, steps[-1].words))
    line = f'<polyline fill="none" stroke="#2a6fb0" stroke-width="2" points="{" ".join(points)}"/>'
    return "\n".join([*_axes(right, place), line, "</svg>", ""])


def _axes(right: float, place: object) -> Iterator[str]:
    assert callable(place)
    font = 'font-family="sans-serif" font-size="12"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {font}>'
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    yield f'<path fill="none" stroke="#555" d="M{MARGIN},{MARGIN / 2} V{HEIGHT - MARGIN} H{WIDTH - MARGIN}"/>'
    for power in range(int(right) + 1):
        x, _ = str(place(10**power, 10**7)).split(",")
        yield f'<text x="{x}" y="{HEIGHT - MARGIN + 18}" text-anchor="middle">10^{power}</text>'
    for power in (7, 8, 9):
        _, y = str(place(1, 10**power)).split(",")
        yield f'<text x="{MARGIN - 8}" y="{y}" text-anchor="end">10^{power}</text>'
    yield f'<text x="{WIDTH / 2}" y="{HEIGHT - 14}" text-anchor="middle">words of the buffer</text>'
    yield f'<text x="{MARGIN}" y="16">words to and from the outermost memory</text>'


if __name__ == "__main__":
    main()
