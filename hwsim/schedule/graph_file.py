"""Problems and schedules as JSON files: reading with positions in every error, and writing."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hwsim.schedule.graph_check import first_fault, scratchpad_fault
from hwsim.schedule.problem import Operator, Prices, Problem, Schedule, Step, Tensor, TensorKind
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.files import read_text
from hwsim.spec.located_json import parse_json, position_of

_Int = Annotated[int, Field(strict=True)]
_Str = Annotated[str, Field(strict=True, min_length=1)]

# The flags of cosma-1 a file may state; another value asks for a cost model this package does not have.
_COSMA_1 = {
    "version": "cosma-1",
    "sequential_ops": True,
    "inplace": False,
    "whole_tensor_residency": True,
    "contiguous": True,
    "relocate_only_via_dram": True,
    "recompute": False,
    "output_write_compulsory": True,
    "writeback_at_most_once": True,
}


class _TensorEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: _Str
    size: _Int
    kind: TensorKind


class _OperatorEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: _Str
    inputs: list[_Str]
    outputs: list[_Str]
    in_place: _Str | None = None


class _GraphEntry(BaseModel):
    """Other keys at the top (optimum, proof, notes) are left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    tensors: list[_TensorEntry]
    ops: list[_OperatorEntry]
    name: _Str | None = None
    scratchpad_bytes: _Int | None = None
    model: dict[str, Any] | None = None


def read_problem(path: Path, scratchpad_bytes: int | None = None) -> Problem:
    """The problem in a graph file; ``scratchpad_bytes`` replaces the file's own.

    Raises:
        InputError: unreadable or malformed file, a fault of the graph, no scratchpad anywhere, or one that
            does not hold the largest operator.
    """
    return parse_problem(read_text(path), str(path), scratchpad_bytes)


def parse_problem(text: str, file: str, scratchpad_bytes: int | None = None) -> Problem:
    """As :func:`read_problem`, from text; ``file`` is the name shown in errors."""
    document = parse_json(text, file)
    entry = _validated(document, text, file)
    _check_model(entry.model or {}, text, file)
    capacity = scratchpad_bytes if scratchpad_bytes is not None else entry.scratchpad_bytes
    if capacity is None:
        raise InputError(
            "no scratchpad is given", position_of(text, (), file), "add scratchpad_bytes or --scratchpad"
        )
    problem = _problem(entry, capacity)
    fault = first_fault(problem) or scratchpad_fault(problem)
    if fault:
        path = fault.path if scratchpad_bytes is None else _without_scratchpad(fault.path)
        raise InputError(fault.message, position_of(text, path, file), fault.hint)
    return problem


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """The graph-file form of a problem; :func:`parse_problem` reads it back equal."""
    return {
        "name": problem.name or "graph",
        "tensors": [{"id": t.id, "size": t.size, "kind": str(t.kind)} for t in problem.tensors],
        "ops": [_operator_as_json(operator) for operator in problem.operators],
        "scratchpad_bytes": problem.scratchpad_bytes,
        "model": {
            "version": "cosma-1",
            "alignment": problem.alignment,
            "prices": asdict(problem.prices),
        },
    }


def schedule_as_json(schedule: Schedule) -> list[dict[str, Any]]:
    """The steps as the ``hwsim schedule`` contract shows them."""
    return [
        {
            "op": step.op,
            "placements": dict(step.placements),
            "fetch": list(step.fetch),
            "writeback": list(step.writeback),
        }
        for step in schedule
    ]


def schedule_from_json(steps: list[dict[str, Any]]) -> Schedule:
    """The inverse of :func:`schedule_as_json`."""
    return tuple(
        Step(step["op"], dict(step["placements"]), tuple(step["fetch"]), tuple(step["writeback"]))
        for step in steps
    )


def _without_scratchpad(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A scratchpad given on the command line has no place in the file: the operators have."""
    return ("ops",) if path == ("scratchpad_bytes",) else path


def _operator_as_json(operator: Operator) -> dict[str, Any]:
    entry = {"id": operator.id, "inputs": list(operator.inputs), "outputs": list(operator.outputs)}
    return entry | ({"in_place": operator.in_place} if operator.in_place else {})


def _validated(document: Any, text: str, file: str) -> _GraphEntry:
    try:
        return _GraphEntry.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        location = tuple(first["loc"])
        message, hint = _explain(first, document)
        raise InputError(message, position_of(text, location, file), hint) from None


def _explain(error: Any, document: Any) -> tuple[str, str | None]:
    """What a pydantic error means here, and the near miss that may have caused a missing or unknown key."""
    location = error["loc"]
    where = ".".join(str(part) for part in location) or "the graph"
    if error["type"] == "missing":
        holder = document
        for part in location[:-1]:
            holder = holder[part]
        return f"{where} is missing", f"keys here: {', '.join(holder)}" if holder else None
    if error["type"] == "extra_forbidden":
        fields = (_TensorEntry if location[0] == "tensors" else _OperatorEntry).model_fields
        return f"unknown key {location[-1]!r}", did_you_mean(str(location[-1]), fields)
    if error["type"] == "enum":
        return f"{where} is {error['input']!r}", did_you_mean(
            str(error["input"]), [kind.value for kind in TensorKind]
        )
    return f"{where}: {error['msg'].lower()}", None


def _check_model(model: dict[str, Any], text: str, file: str) -> None:
    for flag, only in _COSMA_1.items():
        if flag in model and model[flag] != only:
            place = position_of(text, ("model", flag), file)
            raise InputError(f"model.{flag} = {model[flag]!r} is not supported", place, f"only {only!r} is")
    alignment = model.get("alignment", 1)
    if not isinstance(alignment, int) or isinstance(alignment, bool) or alignment < 1:
        place = position_of(text, ("model", "alignment"), file)
        raise InputError(f"model.alignment = {alignment!r} is not a positive number of bytes", place)
    _check_prices(model.get("prices", {}), text, file)


def _check_prices(prices: Any, text: str, file: str) -> None:
    known = [price.name for price in fields(Prices)]
    if not isinstance(prices, dict):
        raise InputError("model.prices is no mapping", position_of(text, ("model", "prices"), file))
    for name, value in prices.items():
        place = position_of(text, ("model", "prices", name), file)
        if name not in known:
            raise InputError(f"unknown price {name!r}", place, did_you_mean(name, known))
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise InputError(f"model.prices.{name} = {value!r} is not a whole number from 0 up", place)


def _problem(entry: _GraphEntry, scratchpad_bytes: int) -> Problem:
    model = entry.model or {}
    return Problem(
        tensors=tuple(Tensor(t.id, t.size, t.kind) for t in entry.tensors),
        operators=tuple(Operator(o.id, tuple(o.inputs), tuple(o.outputs), o.in_place) for o in entry.ops),
        scratchpad_bytes=scratchpad_bytes,
        alignment=model.get("alignment", 1),
        prices=Prices(**model.get("prices", {})),
        name=entry.name or "",
    )
