"""Sections of ``neuromorphic.md`` on networks told by their layers: the library, their twins, a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsim import simulate
from hwsim.engines.neuromorphic.layer_statistics import statistics_of
from hwsim.report.twin.console import rate_text
from hwsim.report.twin.question import Question, Settings, answer_of
from hwsim.spec.library import names

PICTURE = Path(__file__).parent / "pictures" / "break_even.svg"
SHOWN = "spikingformer_8_512"
WIDTH, HEIGHT, LEFT, BOTTOM = 720, 420, 70, 40
COLOURS = {
    "papers": "#2f6db5",
    "compute": "#3a9a5b",
    "memory_stationary": "#d98a1f",
    "memory_scatter": "#c2403d",
}


def sections() -> Iterator[str]:
    """All of them; draws the picture."""
    yield from _networks()
    yield ""
    yield from _twins()


def _networks() -> Iterator[str]:
    yield "## Networks told by their layers"
    yield ""
    yield "`hwsim run --arch spinnaker2 --workload NAME`: closed forms; rates marked * are assumed."
    yield "What does not fit the chip takes turns on it, its weights from LPDDR4."
    yield ""
    yield "| network | weights | operations, dense | synaptic operations | mean rate | spinnaker2 | energy |"
    yield "|---|---|---|---|---|---|---|"
    for entry in names("workload"):
        if entry.folder == "spiking":
            yield _network(entry.name)


def _network(name: str) -> str:
    result = simulate("spinnaker2", name)
    layers = [each for each in statistics_of(result.workload) if each.dense]
    heard = [each for each in layers if not each.multi_bit]
    rate = sum(each.synaptic_ops for each in heard) / max(1, sum(each.dense for each in heard))
    star = "*" if any("assumed" in note for note in result.workload.notes) else ""
    weights = result.workload.parameter_count
    return (
        f"| {name} | {weights / 1e6:.2f} M | {sum(e.dense for e in layers) / 1e9:.2f} G "
        f"| {sum(e.synaptic_ops for e in layers) / 1e9:.2f} G | {100 * rate:.3g} %{star} "
        f"| {result.latency_s:.3g} s | {result.energy_j:.3g} J |"
    )


def _twins() -> Iterator[str]:
    yield "## Against the dense twin"
    yield ""
    yield "`hwsim compare-energy NAME`: the same layers dense, in int8 on `edge_npu`, once unless each step"
    yield "has an input of its own. The rate up to which the spiking network costs no more, by what is"
    yield "counted: the papers' 4.6 and 0.9 pJ; arithmetic alone in the twin's technology; with memory where"
    yield "sums stay in registers (stationary) or potentials are read and written every time (scatter)."
    yield ""
    yield "| network | own rate | papers | arithmetic | memory, stationary | memory, scatter |"
    yield "|---|---|---|---|---|---|"
    for name in (
        SHOWN,
        "spike_driven_transformer_8_512",
        "sew_resnet50",
        "plif_net_dvs_gesture",
        "egru_lm_ptb",
    ):
        answer = answer_of(Question(name, (), "edge_npu", None, Settings()))
        if name == SHOWN:
            PICTURE.write_text(picture(answer))
        rates = " | ".join(rate_text(row["break_even_rate"]) for row in answer["accountings"])
        yield f"| {name} | {100 * answer['mean_spike_rate']:.3g} % | {rates} |"
    yield ""
    yield f"![energy over spike rate](pictures/{PICTURE.name})"
    yield ""
    yield f"{SHOWN}: energy over one spike rate of all layers (lines), and of its twin (dashed)."


def picture(answer: dict[str, Any]) -> str:
    """Curves of an answer of ``hwsim compare-energy`` on two logarithmic axes."""
    rates = answer["curves"]["rate"]
    every = [each for name in COLOURS for each in answer["curves"][name]]
    every += [row["twin_energy_j"] for row in answer["accountings"]]
    low, high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))

    def place(rate: float, joules: float) -> tuple[float, float]:
        across = (math.log10(rate) - math.log10(rates[0])) / (math.log10(rates[-1]) - math.log10(rates[0]))
        up = (math.log10(joules) - low) / (high - low)
        return LEFT + across * (WIDTH - LEFT - 20), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - 30)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for power in range(low, high + 1):
        x, y = place(rates[0], 10.0**power)
        lines.append(f'<line x1="{x}" y1="{y:.1f}" x2="{WIDTH - 20}" y2="{y:.1f}" stroke="#ddd"/>')
        lines.append(f'<text x="{x - 8}" y="{y + 4:.1f}" text-anchor="end">1e{power} J</text>')
    for rate in (0.001, 0.01, 0.1, 0.999):
        x, y = place(rate, 10.0**low)
        lines.append(f'<text x="{x:.1f}" y="{y + 20:.1f}" text-anchor="middle">{100 * rate:.3g} %</text>')
    rows = {row["accounting"]: row for row in answer["accountings"]}
    for number, (name, colour) in enumerate(COLOURS.items()):
        points = [place(r, e) for r, e in zip(rates, answer["curves"][name], strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        (left, y), (right, _) = (place(rate, rows[name]["twin_energy_j"]) for rate in (rates[0], rates[-1]))
        lines.append(
            f'<line x1="{left:.1f}" y1="{y:.1f}" x2="{right:.1f}" y2="{y:.1f}" stroke="{colour}" '
            'stroke-dasharray="5 4"/>'
        )
        lines.append(f'<text x="{LEFT + 12}" y="{24 + 16 * number}" fill="{colour}">{name}</text>')
    return "\n".join([*lines, "</svg>", ""])
