"""What a study says, in sentences: which point, why it, and where the limit changes."""

from __future__ import annotations

from collections.abc import Iterator

from hwsim.report.studies.quantities import shown, spoken
from hwsim.report.studies.survey import Survey, importance, is_ordered, plain

_CLEAR = 0.02
"""A change of a metric below this share is no change worth a sentence."""


def verdict(survey: Survey) -> list[str]:
    """The answer in a few sentences."""
    if survey.best is None:
        return [_nothing(survey)]
    return [*_which(survey, survey.best), *_why(survey, survey.best), *_front(survey)]


def _nothing(survey: Survey) -> str:
    constraints = ", ".join(survey.found.space.study.constraints)
    if not survey.done:
        return "No point could be computed; their messages are listed below."
    return f"No point keeps every constraint ({constraints})." if constraints else "There is no point."


def _which(survey: Survey, best: int) -> Iterator[str]:
    row = survey.done[best]
    name = survey.objective
    limits = survey.found.space.study.constraints
    within = f" within {' and '.join(limits)}" if limits else ""
    others = ", ".join(
        f"{spoken(each)} {shown(each, row.outcome.metrics[each])}" for each in survey.metrics if each != name
    )
    yield (
        f"Best {spoken(name)}{within}: {shown(name, row.outcome.metrics[name])} with {survey.label(best)}"
        f" ({others})."
    )
    count, ok = len(survey.found.rows), int(survey.feasible.sum())
    failed = count - len(survey.done)
    bad = f", {failed} failed" if failed else ""
    yield f"{ok} of {count} points are feasible{bad}."


def _why(survey: Survey, best: int) -> Iterator[str]:
    row = survey.done[best]
    shares = dict(row.outcome.details["time_by_bound"])
    total = sum(shares.values()) or 1.0
    limit = row.outcome.details["bound_by"]
    yield f"It is bound by {limit} for {100 * shares.get(limit, 0.0) / total:.0f} % of its time."
    ranked = importance(survey, survey.objective)
    top = [f"{key} ({100 * share:.0f} %)" for key, share in ranked.items() if share >= _CLEAR][:3]
    if top:
        yield f"Over all points {spoken(survey.objective)} is decided by {', '.join(top)}."
    for key in survey.varied:
        yield from turning(survey, best, key)


def turning(survey: Survey, best: int, key: str) -> Iterator[str]:
    """What changing ``key`` alone does to the best point: by how much, and where the limit changes."""
    line = list(survey.neighbours(best, key))
    if len(line) < 2:
        return
    metric = survey.objective
    values = survey.column(metric)[line]
    levels = [plain(survey.done[place].settings.get(key)) for place in line]
    least, most = int(values.argmin()), int(values.argmax())
    if values[most] - values[least] < _CLEAR * abs(values[least]):
        yield f"Changing {key} alone makes no difference to {spoken(metric)}."
        return
    ratio = values[most] / values[least]
    yield (
        f"Changing {key} alone, {spoken(metric)} is least at {levels[least]} and {ratio:.2f} times that"
        f" at {levels[most]}."
    )
    if is_ordered([survey.done[place].settings.get(key) for place in line]):
        yield from _limits(survey, line, levels, key)


def _limits(survey: Survey, line: list[int], levels: list[str], key: str) -> Iterator[str]:
    bounds = [survey.done[place].outcome.details["bound_by"] for place in line]
    if len(set(bounds)) == 1:
        return
    parts: list[str] = []
    start = 0
    for place in range(1, len(bounds) + 1):
        if place == len(bounds) or bounds[place] != bounds[start]:
            span = levels[start] if place - start == 1 else f"{levels[start]} to {levels[place - 1]}"
            parts.append(f"{bounds[start]}-bound at {span}")
            start = place
    yield f"Along {key} it is {', '.join(parts)}."


def _front(survey: Survey) -> Iterator[str]:
    objectives = [spoken(name.removeprefix("-")) for name in survey.found.objectives]
    if len(objectives) > 1:
        count = len(survey.front())
        points = "point is" if count == 1 else "points are"
        yield f"{count} {points} on the Pareto front of {' and '.join(objectives)}."
