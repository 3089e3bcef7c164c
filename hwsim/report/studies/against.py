"""Two studies beside each other: the points both have, and by how much they differ."""

from __future__ import annotations

import json
import math

from hwsim.explore.results import StudyResults
from hwsim.explore.store import Row
from hwsim.report.grid import Grid, number, table
from hwsim.report.markup import element, join
from hwsim.report.shell import Section
from hwsim.report.studies.quantities import shown, spoken

_LISTED = 100


def pairs(found: StudyResults, against: StudyResults) -> list[tuple[Row, Row]]:
    """The points that both studies computed with the same settings."""
    theirs = {_key(row): row for row in against.rows if row.outcome.status == "done"}
    ours = (row for row in found.rows if row.outcome.status == "done")
    return [(row, theirs[_key(row)]) for row in ours if _key(row) in theirs]


def against_section(found: StudyResults, against: StudyResults) -> Section:
    """Mean and extreme ratios of the metrics, and the points that differ most."""
    both = pairs(found, against)
    names = [
        name for name in found.space.study.metrics if all(_ratio(one, other, name) for one, other in both)
    ]
    said = [_sentence(both, name) for name in names] if both else ["The studies have no point in common."]
    parts = [element("p", f"{len(both)} points are in both. {' '.join(said)}", class_="verdict")]
    if both and names:
        parts.append(table(_grid(both, names, against), "against-table"))
    return Section("comparison", f"Compared with {against.path.name}", join(parts))


def _sentence(both: list[tuple[Row, Row]], name: str) -> str:
    ratios = [_ratio(one, other, name) or 1.0 for one, other in both]
    mean = math.exp(sum(math.log(each) for each in ratios) / len(ratios))
    if all(each == 1 for each in ratios):
        return f"{spoken(name).capitalize()} is the same everywhere."
    return (
        f"{spoken(name).capitalize()} is {100 * (mean - 1):+.1f} % on (geometric) average,"
        f" from {100 * (min(ratios) - 1):+.1f} % to {100 * (max(ratios) - 1):+.1f} %."
    )


def _grid(both: list[tuple[Row, Row]], names: list[str], against: StudyResults) -> Grid:
    first = names[0]
    ordered = sorted(both, key=lambda pair: -abs(math.log(_ratio(pair[0], pair[1], first) or 1.0)))
    rows = []
    for one, other in ordered[:_LISTED]:
        cells = []
        for name in names:
            ratio = _ratio(one, other, name) or 1.0
            cells += [
                number(shown(name, other.outcome.metrics[name]), other.outcome.metrics[name]),
                number(shown(name, one.outcome.metrics[name]), one.outcome.metrics[name]),
                number(f"{100 * (ratio - 1):+.1f} %", ratio - 1),
            ]
        rows.append((", ".join(f"{k} {v}" for k, v in one.settings.items()), *cells))
    heads = [head for name in names for head in (f"{spoken(name)} {against.path.name}", "now", "change")]
    return Grid("Points of both, the most different first", ("Point", *heads), tuple(rows))


def _key(row: Row) -> str:
    return json.dumps(row.settings, sort_keys=True)


def _ratio(one: Row, other: Row, name: str) -> float | None:
    ours, theirs = one.outcome.metrics.get(name), other.outcome.metrics.get(name)
    return ours / theirs if ours and theirs else None
