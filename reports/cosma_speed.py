"""What ``benchmarks/schedule.py`` and ``benchmarks/frontier.py`` measured, for ``cosma.md``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LOG = Path(__file__).parent / "schedule_benchmark.jsonl"
FRONTIER = Path(__file__).parent / "schedule_frontier.txt"
ENGINES = {"hwsim": "hwsim", "cpsat": "plain CP-SAT", "highs": "plain PuLP/HiGHS"}


def speed_section() -> list[str]:
    """Ratios, then seconds by graph and engine; then the frontier as it was printed."""
    rows = [json.loads(line) for line in LOG.read_text().splitlines()]
    measured = {(row["graph"], row["engine"]): row for row in rows}
    graphs = sorted({row["graph"] for row in rows})
    return [
        "## Against plain solvers",
        "",
        f"`python -m benchmarks.schedule --log FILE`: the same {len(graphs)} graphs, a cap of "
        f"{rows[0]['cap']:.0f} s, two threads.",
        "Plain means the whole time-indexed model with addresses at once. What is not proved counts as the",
        "cap, so the ratios are lower limits. Measured on two cores that others used as well.",
        "",
        *_ratios(graphs, measured),
        "",
        f"| graph | {' | '.join(f'{name}, s' for name in ENGINES.values())} |",
        "|---|" + "---|" * len(ENGINES),
        *(f"| {g} | {' | '.join(_cell(measured[g, engine]) for engine in ENGINES)} |" for g in graphs),
        "",
        "## The frontier",
        "",
        "`python -m benchmarks.frontier --limit 120`: graphs of kinds that a plain solver left unproved in",
        "45 s, made anew.",
        "",
        "```",
        *FRONTIER.read_text().splitlines(),
        "```",
    ]


def _ratios(graphs: list[str], measured: dict[tuple[str, str], dict[str, Any]]) -> Iterator[str]:
    for engine, name in ENGINES.items():
        mine = [measured[graph, engine] for graph in graphs]
        logs = [math.log(measured[g, engine]["seconds"] / measured[g, "hwsim"]["seconds"]) for g in graphs]
        yield (
            f"* {name}: {sum(row['proved'] for row in mine)} of {len(graphs)} proved, "
            f"{sum(row['seconds'] for row in mine):.1f} s, "
            f"geometric mean {math.exp(sum(logs) / len(logs)):.1f} x hwsim's time"
        )


def _cell(row: dict[str, Any]) -> str:
    return f"{row['seconds']:.3f}" if row["proved"] else "open"
