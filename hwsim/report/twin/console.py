"""The answer in a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hwsim.energy.spiking_accounting.break_even import MOST
from hwsim.report import units


def print_twins(answer: dict[str, Any], console: Console) -> None:
    """A line for each accounting: both energies, and the rate at which they are equal."""
    rate = 100 * answer["mean_spike_rate"]
    console.print(
        f"{answer['workload']} (mean spike rate {rate:.3g} %) against its dense twin on {answer['against']}"
    )
    table = Table(box=None, header_style="bold")
    for name in ("accounting", "spiking", "dense twin", "spiking / dense", "break-even rate"):
        table.add_column(name, justify="left" if name == "accounting" else "right")
    for row in answer["accountings"]:
        table.add_row(
            row["accounting"],
            units.joules(row["energy_j"]),
            units.joules(row["twin_energy_j"]),
            "–" if row["ratio"] is None else f"{row['ratio']:.3g}",
            rate_text(row["break_even_rate"]),
        )
    console.print(table)
    for row in answer["accountings"]:
        console.print(Text(f"{row['accounting']}: {row['says']}", style="dim"))
    for note in answer["notes"]:
        console.print(Text(f"note: {note}", style="dim"))


def rate_text(rate: float | None) -> str:
    """A break-even rate in words."""
    if rate is None:
        return "never"
    return "always" if rate >= MOST else f"{100 * rate:.3g} %"
