"""All points of a study inside the page: columns, packed, for the figures that the page itself draws."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from hwsim.report.studies.quantities import spoken, unit_of
from hwsim.report.studies.survey import Survey, is_ordered, known_columns, plain

EXACT = 20_000
"""Up to so many points every number is there to its last digit, above to six digits, so that the page stays
small.
"""
_DIGITS = 6
_MOST_METRICS = 8


def packed(survey: Survey) -> str:
    """The points as JSON, compressed, in base64; the same bytes for the same points."""
    text = json.dumps(points(survey), separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def points(survey: Survey) -> dict[str, Any]:
    """Settings as places in their lists of values, metrics as numbers."""
    exact = len(survey.done) <= EXACT
    names = known_columns(survey)
    names = names if exact else names[:_MOST_METRICS]
    return {
        "exact": exact,
        "objectives": [name.removeprefix("-") for name in survey.found.objectives],
        "settings": [
            {
                "name": key,
                "levels": [plain(level) for level in survey.levels(key)],
                "ordered": is_ordered(survey.levels(key)),
                "codes": survey.codes(key).tolist(),
            }
            for key in survey.varied
        ],
        "metrics": [
            {
                "name": name,
                "says": spoken(name),
                "unit": unit_of(name),
                "values": _numbers(survey, name, exact),
            }
            for name in names
        ],
        "bound_by": _coded(row.outcome.details["bound_by"] for row in survey.done),
        "position": [row.position for row in survey.done],
        "feasible": survey.feasible.astype(int).tolist(),
        "pareto": survey.on_front.astype(int).tolist(),
    }


def _numbers(survey: Survey, name: str, exact: bool) -> list[float | None]:
    values = survey.column(name)
    if exact:
        return [None if np.isnan(each) else float(each) for each in values]
    return [None if np.isnan(each) else float(f"{each:.{_DIGITS}g}") for each in values]


def _coded(texts: Iterable[str]) -> dict[str, Any]:
    """Texts as places in the list of different ones."""
    places: dict[str, int] = {}
    codes = [places.setdefault(each, len(places)) for each in texts]
    return {"levels": list(places), "codes": codes}
