"""torch.profiler's JSON (Chrome trace): kernels tied to operators by external id, or by correlation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hwsim.spec.errors import InputError, Position
from hwsim.spec.files import read_text
from hwsim.validation.traces.event import Event, Shape
from hwsim.validation.traces.operators import has_model

KERNELS = ("kernel", "gpu_memcpy", "gpu_memset")
LAUNCHES = ("cuda_runtime", "cuda_driver")
MICROSECOND = 1e-6
COLLECTIVE = "Collective name"
"""Argument of the kernels of collectives."""

Raw = Mapping[str, Any]


def events(path: Path) -> list[Event]:
    """The calls of a trace; of one without a GPU, the operators of the CPU.

    Raises:
        InputError: no JSON, or no trace.
    """
    raw = _raw(path)
    operators = [each for each in raw if each.get("cat") == "cpu_op"]
    kernels = [each for each in raw if each.get("cat") in KERNELS]
    return _of_kernels(raw, operators, kernels) if kernels else _of_host(operators)


def _raw(path: Path) -> list[Raw]:
    import json

    text = read_text(path)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        line = text.splitlines()[error.lineno - 1] if text else ""
        raise InputError(
            f"this is no JSON: {error.msg}", Position(str(path), error.lineno, error.colno, line)
        ) from error
    found = content.get("traceEvents") if isinstance(content, dict) else content
    if not isinstance(found, list):
        raise InputError("this is no trace: it has no list 'traceEvents'", Position(str(path)))
    return [each for each in found if isinstance(each, dict) and isinstance(each.get("dur"), int | float)]


def _of_kernels(raw: Iterable[Raw], operators: Sequence[Raw], kernels: Iterable[Raw]) -> list[Event]:
    """One event an operator that launched kernels, and one a kernel that none is known to have launched."""
    by_id = {_argument(each, "External id"): each for each in operators}
    launched = {
        _argument(each, "correlation"): _argument(each, "External id")
        for each in raw
        if each.get("cat") in LAUNCHES
    }
    groups: dict[Any, list[Raw]] = {}
    alone: list[Event] = []
    for kernel in kernels:
        identity = _argument(kernel, "External id")
        if _argument(kernel, COLLECTIVE):
            alone.append(_collective(kernel))
            continue
        if identity not in by_id:
            identity = launched.get(_argument(kernel, "correlation"))
        if identity in by_id and identity is not None:
            groups.setdefault(identity, []).append(kernel)
        else:
            alone.append(_lonely(kernel))
    return [_event(by_id[identity], found) for identity, found in groups.items()] + alone


def _lonely(kernel: Raw) -> Event:
    return Event("", (), (), (), (str(kernel.get("name")),), float(kernel["dur"]) * MICROSECOND)


def _collective(kernel: Raw) -> Event:
    """A kernel of NCCL, which says itself how many elements it takes from each of how many GPUs."""
    elements, gpus = _argument(kernel, "In msg nelems"), _argument(kernel, "Group size")
    return Event(
        operator=f"nccl::{_argument(kernel, COLLECTIVE)}",
        shapes=((elements,),) if isinstance(elements, int) else (),
        datatypes=(str(_argument(kernel, "dtype")),),
        arguments=(str(gpus),),
        kernels=(str(kernel.get("name")),),
        seconds=float(kernel["dur"]) * MICROSECOND,
    )


def _event(operator: Raw, kernels: Sequence[Raw]) -> Event:
    names = tuple(str(kernel.get("name")) for kernel in kernels)
    seconds = sum(float(kernel["dur"]) for kernel in kernels) * MICROSECOND
    return Event(
        operator=str(operator.get("name")),
        shapes=tuple(_shape(each) for each in _list(operator, "Input Dims")),
        datatypes=tuple(str(each) for each in _list(operator, "Input type")),
        arguments=tuple(str(each) for each in _list(operator, "Concrete Inputs")),
        kernels=names,
        seconds=seconds,
    )


def _of_host(operators: Sequence[Raw]) -> list[Event]:
    """Operators with a model and shapes, whatever runs inside them, and all other innermost ones."""
    ordered = sorted(
        operators, key=lambda each: (str(each.get("tid")), float(each.get("ts", 0.0)), -float(each["dur"]))
    )
    found: list[Event] = []
    taken: Raw | None = None
    for place, operator in enumerate(ordered):
        if taken is not None and _inside(operator, taken):
            continue
        event = _event(operator, [])
        inner = ordered[place + 1] if place + 1 < len(ordered) else None
        if has_model(event) and any(event.shapes):
            taken = operator
            found.append(replace(event, seconds=float(operator["dur"]) * MICROSECOND))
        elif inner is None or not _inside(inner, operator):
            found.append(replace(event, seconds=float(operator["dur"]) * MICROSECOND))
    return found


def _inside(inner: Raw, outer: Raw) -> bool:
    start, end = float(outer.get("ts", 0.0)), float(outer.get("ts", 0.0)) + float(outer["dur"])
    same = inner.get("tid") == outer.get("tid")
    return (
        same
        and start <= float(inner.get("ts", 0.0))
        and float(inner.get("ts", 0.0)) + float(inner["dur"]) <= end
    )


def _shape(dims: Any) -> Shape:
    whole = isinstance(dims, list) and all(isinstance(size, int) for size in dims)
    return tuple(dims) if whole else ()


def _argument(event: Raw, name: str) -> Any:
    arguments = event.get("args")
    return arguments.get(name) if isinstance(arguments, dict) else None


def _list(event: Raw, name: str) -> list[Any]:
    found = _argument(event, name)
    return found if isinstance(found, list) else []
