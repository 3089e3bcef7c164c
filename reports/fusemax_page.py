"""The page of the FuseMax comparison: errors by configuration, energy by component, what explains them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from hwsim.energy.counted import Share
from hwsim.mapping.fused.configurations import CONFIGURATIONS
from hwsim.validation.comparison import Comparison, Row
from hwsim.validation.fusemax_layers import MODELS, Priced, attention
from hwsim.validation.references.fusemax import PAPER_LENGTHS, PICOJOULES, averages, compare, tokens

GROUPS = ("operations", "DRAM", "registers", "buffer")
COMPONENTS = {"dram": "DRAM", "global_buffer": "buffer"}

INTRODUCTION = """# hwsim against FuseMax (MICRO 2024)

`hwsim validate fusemax --data published.csv`, with the tables of the public artifact in long form. Ours is
computed from the machines `flat_cloud` and `fusemax_cloud`, the cascades `attention_3pass` and
`attention_1pass` and the bindings in `hwsim/mapping/fused/configurations.py`. FLAT's dataflow is found by our
search of its space (`hwsim/mapping/fused/dataflow.py`), not read from a file."""

EXPLAINED = Path(__file__).parent / "fusemax_explained.md"


def fusemax_page(data: Path) -> str:
    """The page for the published figures in ``data``."""
    found = compare(data)
    parts = (INTRODUCTION, _verdict(found), _errors(found), _energies(found), _dataflows())
    return "\n\n".join((*parts, EXPLAINED.read_text()))


def _verdict(found: Comparison) -> str:
    judged = sum(row.tolerance is not None for row in found.rows)
    verdict = f"{found.failed} of {judged} judged rows are outside tolerance; {len(found.rows)} rows in all."
    return "\n".join([verdict, "", *(f"* {note}" for note in (*found.notes[:1], *averages()))])


def _errors(found: Comparison) -> str:
    by_kind: dict[tuple[str, str, str], list[Row]] = {}
    for row in found.rows:
        table, config = row.case.split("/")[:2]
        kind = "pareto" if table.startswith("pareto") else table
        metric = "utilisation" if row.metric.startswith("util_") else row.metric
        if not metric.startswith(("energy_vs", "speedup_vs")):
            by_kind.setdefault((kind, config, metric), []).append(row)
    lines = [_error_line(kind, rows) for kind, rows in by_kind.items()]
    columns = "table | configuration | metric | rows | judged | largest error"
    return "\n".join(_table("Errors", columns, lines))


def _error_line(kind: tuple[str, str, str], rows: list[Row]) -> str:
    worst = max(rows, key=lambda row: abs(row.error or 0.0))
    tolerance = "1 point" if kind[2] == "utilisation" else f"{worst.tolerance or 0:.0%}"
    judged = "no" if worst.tolerance is None else tolerance
    place = "/".join(worst.case.split("/")[2:])
    error = worst.error or 0.0
    shown = f"{error:+.2%} ({place})" if abs(error) > 1e-9 else "none"
    return f"| {' | '.join(kind)} | {len(rows)} | {judged} | {shown} |"


def _energies(found: Comparison) -> str:
    """Where the joules of attention go, in percent of the published energy."""
    published = {row.case: row.reference for row in found.rows if row.metric == "energy"}
    lines = []
    for name in CONFIGURATIONS:
        for model in MODELS:
            reference = published.get(f"attention/{name}/{model}/16K")
            if isinstance(reference, int | float):
                lines.append(_energy_line(name, model, attention(name, model, tokens("16K"))[1], reference))
    columns = " | ".join(("configuration", "model", *GROUPS, "ours", "left of the published"))
    head = "Energy of attention at 16K by component, in percent of the published energy"
    note = "Left of the published: what our operations and DRAM do not explain of it."
    return "\n".join([*_table(head, columns, lines), "", note])


def _energy_line(name: str, model: str, priced: Priced, reference: float) -> str:
    groups = _grouped(priced.shares)
    part = {group: energy * PICOJOULES / reference for group, energy in groups.items()}
    left = 1 - part["operations"] - part["DRAM"]
    cells = [f"{part[group]:.1%}" for group in GROUPS]
    return f"| {name} | {model} | {' | '.join(cells)} | {sum(part.values()):.1%} | {left:.1%} |"


def _grouped(shares: Iterable[Share]) -> Mapping[str, float]:
    total = dict.fromkeys(GROUPS, 0.0)
    for share in shares:
        total[_group(share)] += share.energy
    return total


def _group(share: Share) -> str:
    inside = "registers" if share.action.startswith("register") else "operations"
    return COMPONENTS.get(share.component, inside)


def _dataflows() -> str:
    lines = [
        f"| {model} | {length} | {attention('flat', model, tokens(length))[0].choice} |"
        for model in ("BERT", "XLM")
        for length in PAPER_LENGTHS
    ]
    return "\n".join(_table("FLAT's dataflows as our search finds them", "model | tokens | choice", lines))


def _table(title: str, columns: str, lines: list[str]) -> list[str]:
    return [f"## {title}", "", f"| {columns} |", "|---" * (columns.count("|") + 1) + "|", *lines]
