"""From a figure of a result back to action counts, formulas, constants and their sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from hwsim.report.document import Run, as_run
from hwsim.report.explanation.components import FIGURES as COMPONENT_FIGURES
from hwsim.report.explanation.components import component, constant
from hwsim.report.explanation.node import Node
from hwsim.report.explanation.operators import FIGURES as OPERATOR_FIGURES
from hwsim.report.explanation.operators import operator
from hwsim.report.explanation.totals import TOTALS
from hwsim.spec.errors import InputError, did_you_mean, nearest

_KEYS = {"latency_s": "latency", "energy_j": "energy", "area_mm2": "area", "power_w": "power"}


def explain(result: dict[str, Any], what: str) -> Node:
    """The figure ``what`` of a result document as a tree.

    Args:
        result: a result document.
        what: a total (``latency``), an operator or component (``conv1``), a figure of one (``conv1.energy``),
            or a described constant (``mxu.rows``). Keys of the document (``latency_s``) are understood too.

    Raises:
        NotAResultError: ``result`` is not a result document.
        InputError: nothing is called ``what``; the hint names the nearest.
    """
    run = as_run(result)
    found = _whole(run, what) or _figure(run, what)
    if found is None:
        raise InputError(f"the result has no {what!r}", hint=_hint(run, what))
    return found


def answer(result: dict[str, Any], what: str, node: Node) -> dict[str, Any]:
    """The explanation as the JSON answer of ``hwsim explain``."""
    return {key: result[key] for key in ("hwsim", "schema", "inputs")} | {
        "what": what,
        "explanation": node.as_json(),
    }


def _whole(run: Run, what: str) -> Node | None:
    """A total, an operator, a component or a constant of that name."""
    name = _KEYS.get(what, what)
    if name in TOTALS:
        return TOTALS[name](run)
    for op in run.ops:
        if op.name == what:
            return operator(run, op)
    for one in run.components:
        if one.name == what:
            return component(run, one)
    return next((constant(one) for one in run.constants if one.name == what), None)


def _figure(run: Run, what: str) -> Node | None:
    """A figure of an operator or a component: everything before the last dot is its name."""
    name, _, last = what.rpartition(".")
    figure = _KEYS.get(last, last)
    for op in run.ops:
        if op.name == name and figure in OPERATOR_FIGURES:
            return replace(OPERATOR_FIGURES[figure](run, op), label=what)
    for one in run.components:
        if one.name == name and figure in COMPONENT_FIGURES:
            return replace(COMPONENT_FIGURES[figure](run, one), label=what)
    return None


def _hint(run: Run, what: str) -> str:
    """The nearest figure of the thing named, else the nearest name of all."""
    name = what.rpartition(".")[0]
    figures = _figures_of(run, name)
    if figures:
        return did_you_mean(what, [f"{name}.{figure}" for figure in figures])
    match = nearest(what, _names(run))
    if match:
        return f"did you mean {match!r}?"
    return f"name an operator, a component, or one of: {', '.join(TOTALS)}"


def _figures_of(run: Run, name: str) -> Mapping[str, object]:
    if any(op.name == name for op in run.ops):
        return OPERATOR_FIGURES
    constants = {
        one.name.removeprefix(f"{name}."): one for one in run.constants if one.name.startswith(f"{name}.")
    }
    return {**COMPONENT_FIGURES, **constants} if any(one.name == name for one in run.components) else {}


def _names(run: Run) -> Iterator[str]:
    yield from TOTALS
    yield from dict.fromkeys(op.name for op in run.ops)
    yield from (one.name for one in run.components)
    yield from (one.name for one in run.constants)
