"""Answers of the mapper in a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text

from hwsim.report import units


def print_optimum(answer: dict[str, Any], console: Console) -> None:
    """Print the answer of ``hwsim mapper``: the two optima with a mapping each, and the compulsory words."""
    least, compulsory = answer["optimal_dram_words"], answer["compulsory_words"]
    console.print(
        Text.assemble(("least words", "bold"), f"             {least:>20,}   {_mapping(answer, '')}")
    )
    dividing = answer["optimal_dram_words_divisor_tiles"]
    console.print(Text(f"with tiles that divide  {dividing:>20,}   {_mapping(answer, '_divisor')}"))
    console.print(Text(f"every word once         {compulsory:>20,}   {least / compulsory:.3f} x less"))
    console.print(Text(f"proved over {answer['candidates']:,} tiles that dominate all others", style="dim"))


def _mapping(answer: dict[str, Any], suffix: str) -> str:
    tile = " ".join(f"{axis}={size}" for axis, size in answer[f"tile{suffix}"].items())
    return f"tile {tile}, order {answer[f'order{suffix}']}"


def print_nest(answer: dict[str, Any], console: Console) -> None:
    """Print the nest, what it costs and what limits it, and the certificate; Einsums one by one."""
    for each in answer.get("einsums", ()):
        how = "fused with its neighbour" if each["fused"] else "on its own"
        console.print(Text(f"{each['einsum']}, {how}", style="bold"))
        print_nest({**each, "searched": False}, console)
    if "einsums" in answer:
        figure = f"{answer['objective']} {answer['value']:.6g}, proved least; all apart {answer['apart']:.6g}"
        console.print(Text(figure, style="dim"))
        return
    for line in answer["nest"]:
        console.print(line, markup=False, soft_wrap=True)
    energy, latency = units.joules(answer["energy_j"]), units.seconds(answer["latency_s"])
    console.print(f"{energy}, {latency}, limited by {answer['limited_by']}", markup=False)
    for memory, held in answer["bits_held"].items():
        if held["capacity"]:
            console.print(f"{memory}: {held['taken']:,} of {held['capacity']:,.0f} bits", markup=False)
    for point in answer.get("frontier", ()):
        energy, latency = units.joules(point["energy_j"]), units.seconds(point["latency_s"])
        console.print(f"frontier: {energy}, {latency}", markup=False)
    if answer["searched"]:
        console.print(Text(_certificate(answer), style="dim"), soft_wrap=True)


def _certificate(answer: dict[str, Any]) -> str:
    proof = "proved best" if answer["proved"] else f"best so far, at most {answer['gap']:.2%} from the bound"
    counts = {
        "cuts of ranks": "candidates",
        "orders": "skeletons",
        "cuts undercut": "undercut_by_others",
        "combinations costed": "combinations_costed",
        "without room": "without_room",
        "beaten by bounds": "beaten_by_bounds",
    }
    counted = ", ".join(f"{answer[key]:,} {says}" for says, key in counts.items())
    return f"{proof} for {answer['objective']}: {counted}; {answer['solve_s']:.2f} s"


def print_slope(answer: dict[str, Any], console: Console) -> None:
    """Print the least words for every capacity at which they change."""
    for step in answer["slope"]:
        console.print(f"{step['capacity_words']:>16,} words of buffer  {step['words']:>20,} words moved")


PRINTERS: dict[str, Callable[[dict[str, Any], Console], None]] = {
    "optimum": print_optimum,
    "nest": print_nest,
    "slope": print_slope,
}
"""By the kind of answer."""
