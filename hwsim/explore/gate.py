"""A gate for continuous integration: ``latency_s > 1.02x`` against a baseline, ``area_mm2 > 10`` alone."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hwsim.explore.amounts import amount
from hwsim.explore.metrics import COLUMNS
from hwsim.spec.amount import NUMBER
from hwsim.spec.errors import InputError, did_you_mean

_CONDITION = re.compile(
    rf"\s*(?P<metric>[A-Za-z_]\w*)\s*(?P<sign><=|>=|<|>)\s*(?P<number>{NUMBER})\s*(?P<unit>[A-Za-z][^\s]*)?\s*\Z"
)
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Metrics = Mapping[str, float | int | None]


@dataclass(frozen=True, slots=True)
class Gate:
    """Fails where ``metric`` compares as ``sign`` says with ``limit``, or with so many times a baseline's."""

    text: str
    metric: str
    sign: str
    limit: float
    relative: bool

    def fails(self, ours: Metrics, baseline: Metrics | None) -> str | None:
        """Why the run fails, None where it does not.

        Raises:
            InputError: the condition is relative and there is no baseline, or the metric is not known.
        """
        value = _value(ours, self.metric, "the run")
        limit = self.limit
        if self.relative:
            if baseline is None:
                raise InputError(f"{self.text!r} needs a baseline", hint="name one with --against")
            limit *= _value(baseline, self.metric, "the baseline")
        if not _SIGNS[self.sign](value, limit):
            return None
        return f"{self.metric} is {value:.6g}, {self.text} fails from {limit:.6g}"


def parse_gate(text: str) -> Gate:
    """The condition in ``text``: a metric, a comparison, a number with ``x`` (times the baseline) or a unit.

    Raises:
        InputError: it is no such condition, or there is no such metric.
    """
    match = _CONDITION.match(text)
    if match is None:
        raise InputError(
            f"{text!r} is no condition", hint="write it as 'latency_s > 1.02x' or 'area_mm2 > 10'"
        )
    if match["metric"] not in COLUMNS:
        hint = did_you_mean(match["metric"], COLUMNS)
        raise InputError(f"there is no metric {match['metric']!r}", hint=hint)
    relative = match["unit"] == "x"
    limit = float(match["number"]) if relative or not match["unit"] else amount(text[match.start("number") :])
    return Gate(text.strip(), match["metric"], match["sign"], float(limit), relative)


def _value(metrics: Metrics, name: str, whose: str) -> float:
    value = metrics.get(name)
    if value is None:
        raise InputError(f"{whose} does not know {name!r}")
    return float(value)
