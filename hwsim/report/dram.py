"""A run of the DRAM model in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from hwsim.report.units import count, joules, percent, scaled, seconds


def print_run(answer: dict[str, Any], console: Console) -> None:
    """Print the answer of ``hwsim dram``: time, bandwidth, latency, commands, energy."""
    what = f"  {answer['pattern']}, {count(answer['n'])} requests, {answer['channels']} channel(s)"
    console.print(Text(answer["device"], style="bold").append(what, style="not bold"), soft_wrap=True)
    for name, text in _lines(answer):
        console.print(Text.assemble((f"{name:<10}", "bold"), text), soft_wrap=True)


def _lines(answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    cycles = f"{count(answer['cycles_last_completion'])} cycles"
    bound = f"at least {count(answer['lower_bound_cycles'])} for the data bus"
    yield "time", f"{seconds(answer['latency_s'])}, {cycles}, {bound}"
    moved = scaled(answer["bandwidth_bytes_per_s"], "B/s")
    peak = scaled(answer["peak_bandwidth_bytes_per_s"], "B/s")
    yield "bandwidth", f"{moved} of {peak} ({percent(answer['utilization'])})"
    if answer["read_lat_avg"] is not None:
        middle, late = answer["read_lat_p50"], answer["read_lat_p95"]
        spread = f"median {middle}, 95 % within {late}, longest {answer['read_lat_max']}"
        yield "read", f"{answer['read_lat_avg']:.1f} cycles on average, {spread}"
    commands = ((name, number) for name, number in answer["commands"].items() if number)
    yield "commands", "   ".join(f"{name} {count(number)}" for name, number in commands)
    terms = answer["energy_by_term_j"].items()
    parts = ", ".join(f"{name.replace('_', ' ')} {joules(energy)}" for name, energy in terms)
    yield "energy", f"{joules(answer['energy_j'])}: {parts}"
    yield "source", answer["energy_source"]
