"""What makes a graph unusable: cycles, two producers, unknown tensors, impossible sizes.

Every check yields faults with the path of the culprit in the JSON form, so that a reader can add a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hwsim.schedule.problem import Operator, Problem
from hwsim.spec.errors import InputError, did_you_mean

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a graph; ``path`` is where in its JSON form."""

    message: str
    path: Path = ()
    hint: str | None = None


def check_graph(problem: Problem) -> None:
    """Raise the first fault.

    Raises:
        InputError: any fault of :func:`first_fault`, without a position.
    """
    fault = first_fault(problem)
    if fault:
        raise InputError(fault.message, hint=fault.hint)


def first_fault(problem: Problem) -> Fault | None:
    """The first thing that makes the graph unusable, or None; for small scratchpads see scratchpad_fault."""
    checks: tuple[Callable[[Problem], Iterator[Fault]], ...] = (
        _empty,
        _tensors,
        _names,
        _operands,
        _producers,
        _cycle,
    )
    return next((fault for check in checks for fault in check(problem)), None)


def scratchpad_fault(problem: Problem) -> Fault | None:
    """The operator that does not fit into the scratchpad (rule 8), or None."""
    if problem.scratchpad_bytes <= 0:
        return Fault(f"a scratchpad of {problem.scratchpad_bytes} bytes holds nothing", ("scratchpad_bytes",))
    largest = max(problem.operators, key=lambda operator: problem.working_set_bytes(operator.id))
    needed = problem.working_set_bytes(largest.id)
    if needed <= problem.scratchpad_bytes // problem.alignment * problem.alignment:
        return None
    return Fault(
        f"operator {largest.id!r} needs {needed} bytes for its inputs and outputs, "
        f"the scratchpad has {problem.scratchpad_bytes}",
        ("scratchpad_bytes",),
        f"give at least {needed} bytes",
    )


def _empty(problem: Problem) -> Iterator[Fault]:
    if not problem.operators:
        yield Fault("the graph has no operators", ("ops",))
    if problem.alignment <= 0:
        yield Fault(
            f"alignment {problem.alignment} is not a positive number of bytes", ("model", "alignment")
        )


def _tensors(problem: Problem) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, tensor in enumerate(problem.tensors):
        if tensor.size <= 0:
            yield Fault(
                f"tensor {tensor.id!r} has size {tensor.size}", ("tensors", index, "size"), "give bytes > 0"
            )
        if tensor.id in seen:
            yield Fault(f"tensor {tensor.id!r} is defined twice", ("tensors", index, "id"))
        seen.add(tensor.id)


def _names(problem: Problem) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, operator in enumerate(problem.operators):
        if operator.id in seen:
            yield Fault(f"operator {operator.id!r} is defined twice", ("ops", index, "id"))
        seen.add(operator.id)


def _operands(problem: Problem) -> Iterator[Fault]:
    for index, operator in enumerate(problem.operators):
        for role, operands in (("inputs", operator.inputs), ("outputs", operator.outputs)):
            yield from _operand_list(problem, operator, operands, ("ops", index, role))
        for tensor in set(operator.inputs) & set(operator.outputs):
            yield Fault(
                f"operator {operator.id!r} reads its own output {tensor!r}", ("ops", index, "outputs")
            )
        yield from _in_place(problem, operator, ("ops", index, "in_place"))


def _operand_list(
    problem: Problem, operator: Operator, operands: tuple[str, ...], path: Path
) -> Iterator[Fault]:
    for position, tensor in enumerate(operands):
        if tensor not in problem.tensor:
            yield Fault(
                f"operator {operator.id!r} names an unknown tensor {tensor!r}",
                (*path, position),
                did_you_mean(tensor, problem.tensor),
            )
        if tensor in operands[:position]:
            yield Fault(f"operator {operator.id!r} names {tensor!r} twice", (*path, position))


def _in_place(problem: Problem, operator: Operator, path: Path) -> Iterator[Fault]:
    reused = operator.in_place
    if reused is None:
        return
    if reused not in operator.inputs or not operator.outputs:
        yield Fault(f"operator {operator.id!r} has no input {reused!r} and output to share an address", path)
    elif problem.occupied_bytes(operator.outputs[0]) != problem.occupied_bytes(reused):
        yield Fault(f"{operator.id!r} in place: {operator.outputs[0]!r} and {reused!r} differ in size", path)
    elif problem.consumers[reused] != (operator.id,):
        yield Fault(f"{operator.id!r} in place: {reused!r} has other consumers", path)


def _producers(problem: Problem) -> Iterator[Fault]:
    producer: dict[str, str] = {}
    for index, operator in enumerate(problem.operators):
        for position, tensor in enumerate(operator.outputs):
            path = ("ops", index, "outputs", position)
            if tensor in producer:
                yield Fault(
                    f"tensor {tensor!r} has two producers, {producer[tensor]!r} and {operator.id!r}", path
                )
            if problem.tensor[tensor].in_dram_from_start:
                yield Fault(f"{problem.tensor[tensor].kind} {tensor!r} is produced by {operator.id!r}", path)
            producer[tensor] = operator.id
    for index, tensor_ in enumerate(problem.tensors):
        if not tensor_.in_dram_from_start and tensor_.id not in producer:
            yield Fault(f"{tensor_.kind} {tensor_.id!r} has no producer", ("tensors", index))


def _cycle(problem: Problem) -> Iterator[Fault]:
    waiting = {operator.id: _predecessors(problem, operator) for operator in problem.operators}
    while ready := [name for name, before in waiting.items() if not before]:
        for name in ready:
            del waiting[name]
        for before in waiting.values():
            before.difference_update(ready)
    if waiting:
        loop = _one_cycle(waiting)
        index = [operator.id for operator in problem.operators].index(loop[0])
        yield Fault(f"the graph has a cycle: {' -> '.join([*loop, loop[0]])}", ("ops", index))


def _predecessors(problem: Problem, operator: Operator) -> set[str]:
    return {problem.producer[tensor] for tensor in operator.inputs if tensor in problem.producer}


def _one_cycle(waiting: dict[str, set[str]]) -> list[str]:
    """A cycle in producer-to-consumer direction; every waiting operator waits for another one."""
    trail = [min(waiting)]
    while (previous := min(waiting[trail[-1]])) not in trail:
        trail.append(previous)
    loop = trail[trail.index(previous) :][::-1]
    start = loop.index(min(loop))
    return loop[start:] + loop[:start]
