"""A workload as a scheduling problem: its operators over whole tensors.

A gather or slice touches a part of what it reads; where every reader does, only what they touch together has
to be resident. A state that a step updates is two tensors: the old one, read, and the new one, written at the
same address and, as it outlives the run, saved. Tensors that nothing touches are left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from hwsim.schedule.problem import Operator, Problem, Tensor, TensorKind
from hwsim.workload.operator import Operator as Step
from hwsim.workload.workload import Workload

UPDATED = "'"
"""What the new value of a state is called: the state's name with this behind it."""

_KINDS: Mapping[str, TensorKind] = {
    "input": TensorKind.INPUT,
    "weight": TensorKind.WEIGHT,
    "activation": TensorKind.ACTIVATION,
    "output": TensorKind.OUTPUT,
}


def problem_from_workload(workload: Workload, scratchpad_bytes: int) -> Problem:
    """The problem of running ``workload``, whose tensors have datatypes, from a scratchpad."""
    tensors: dict[str, Tensor] = {}
    operators = tuple(_operator(workload, step, tensors) for step in workload.operators)
    return Problem(tuple(tensors.values()), operators, scratchpad_bytes, name=workload.name)


def kind_of(workload: Workload, name: str) -> TensorKind:
    """The kind of a tensor that is no state."""
    return _KINDS[workload.tensors[name].kind]


def _operator(workload: Workload, step: Step, tensors: dict[str, Tensor]) -> Operator:
    """The operator of one step; its tensors are added to those known."""
    inputs = dict.fromkeys(_read(workload, part.tensor, step) for part in step.inputs)
    outputs: list[str] = []
    in_place: str | None = None
    for part in step.outputs:
        if _is_update(part.tensor, step):
            in_place = part.tensor
            inputs[part.tensor] = None
            outputs.insert(0, part.tensor + UPDATED)
        else:
            outputs.append(part.tensor)
    for name in (*inputs, *outputs):
        tensors.setdefault(name, _tensor(workload, name))
    return Operator(step.name, tuple(inputs), tuple(outputs), in_place)


def _read(workload: Workload, name: str, reader: Step) -> str:
    """What ``reader`` reads as ``name``: the new value of a state that an earlier step updated."""
    producer = workload.producers.get(name)
    if producer is None or producer == reader.name:
        return name
    return name + UPDATED if _is_update(name, workload.by_name[producer]) else name


def _is_update(name: str, producer: Step) -> bool:
    """Whether ``producer`` changes a part of a state, or reads the state that it writes."""
    reads = any(part.tensor == name for part in producer.inputs)
    return reads or dict(producer.touched).get(name, 1.0) < 1.0


def _tensor(workload: Workload, name: str) -> Tensor:
    known = workload.tensors.get(name) or workload.tensors[name.removesuffix(UPDATED)]
    if name not in workload.tensors:
        return Tensor(name, known.bytes, TensorKind.OUTPUT)
    if known.kind == "state":
        made = name in workload.producers and not _is_update(name, workload.by_name[workload.producers[name]])
        return Tensor(name, known.bytes, TensorKind.OUTPUT if made else TensorKind.INPUT)
    kind = kind_of(workload, name)
    size = known.bytes if name in workload.producers else _touched_bytes(workload, name)
    return Tensor(name, max(1, size), kind)


def _touched_bytes(workload: Workload, name: str) -> int:
    """Bytes of a tensor that its readers touch, at most all of them."""
    whole = workload.tensors[name].bytes
    fractions = [
        dict(workload.by_name[reader].touched).get(name, 1.0) for reader in workload.consumers.get(name, ())
    ]
    return min(whole, sum(-int(-(whole * fraction) // 1) for fraction in fractions))
