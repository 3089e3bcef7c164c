"""The part of a plan's check that looks at each number and each task by itself."""

from __future__ import annotations

from collections.abc import Iterator

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch
from hwsim.arch.memory import Memory
from hwsim.mapping.cut import AXES
from hwsim.mapping.plan import TRANSFER_ROLES, Plan, Residency, Task
from hwsim.mapping.products import product_of
from hwsim.mapping.protocol import MatrixAttributes, VectorAttributes
from hwsim.spec.errors import InputError
from hwsim.workload.operator import Operator
from hwsim.workload.workload import Workload


def broken(message: str) -> InputError:
    """The error for a plan that breaks a rule."""
    return InputError(f"the plan is not valid: {message}", hint="make a new one with 'hwsim map'")


def check_numbers(plan: Plan) -> None:
    """Sizes and addresses are not negative, tensors stay for steps there are, and every step does something.

    Raises:
        InputError: a number has no meaning.
    """
    for number, step in enumerate(plan.steps):
        if not step.tasks:
            raise broken(f"step {number} has no task")
        for move in step.transfers:
            if move.bytes < 0 or move.role not in TRANSFER_ROLES:
                raise broken(f"step {number}: a transfer of {move.bytes} bytes as {move.role!r}")
        for space in step.workspaces:
            if space.address < 0 or space.bytes < 0:
                raise broken(f"step {number}: tiles at [{space.address}, {space.address + space.bytes})")
    for stay in plan.residencies:
        _check_stay(stay, len(plan.steps))


def _check_stay(stay: Residency, steps: int) -> None:
    if stay.address < 0 or stay.bytes < 0:
        raise broken(f"tensor {stay.tensor!r} is at [{stay.address}, {stay.address + stay.bytes})")
    if not 0 <= stay.first_step <= stay.last_step < steps:
        raise broken(
            f"tensor {stay.tensor!r} stays from step {stay.first_step} to {stay.last_step} of {steps}"
        )


def check_tasks(plan: Plan, arch: Arch, workload: Workload) -> None:
    """Every task can be done by its component, and its loops walk exactly its operator's product.

    Raises:
        InputError: a task cannot be what its operator needs.
    """
    parts = {part.name: part for part in arch.walk()}
    for name in _stores(plan):
        if not isinstance(parts[name].attributes, Memory):
            raise broken(f"{name} is no memory: it cannot hold tensors")
    for step in plan.steps:
        for task in step.tasks:
            op = workload.by_name[task.operator]
            _check_component(op, parts[task.component])
            if step.attention is not None:
                continue
            if op.is_contraction:
                _check_nest(op, task, workload)
            else:
                _check_chunks(op, task, workload)


def _stores(plan: Plan) -> Iterator[str]:
    yield from (space.memory for step in plan.steps for space in step.workspaces)
    yield from (stay.memory for stay in plan.residencies)


def _check_component(op: Operator, component: Component) -> None:
    attributes = component.attributes
    if op.is_contraction:
        able = isinstance(attributes, MatrixAttributes)
    else:
        able = isinstance(attributes, VectorAttributes) and not attributes.engine(
            component
        ).unknown_functions(op)
    if not able:
        raise broken(f"{component.name} ({component.class_name}) cannot run {op.name!r} ({op.kind})")


def _check_nest(op: Operator, task: Task, workload: Workload) -> None:
    problem = product_of(op, workload.tensors)
    if task.problem != problem:
        raise broken(f"operator {op.name!r} is not the product that its task has")
    if not task.levels:
        raise broken(f"operator {op.name!r} has no loops")
    outer = (problem.batch, problem.M, problem.N, problem.K)
    for level in task.levels:
        if sorted(level.order) != sorted(AXES):
            raise broken(
                f"operator {op.name!r}: the loop order {'-'.join(level.order)} is none of M, N and K"
            )
        if not all(1 <= inner <= size for inner, size in zip(level.tile, outer, strict=True)):
            raise broken(f"operator {op.name!r}: a tile of {level.tile} does not cut {outer}")
        outer = level.tile


def _check_chunks(op: Operator, task: Task, workload: Workload) -> None:
    elements = max(workload.tensors[part.tensor].elements for part in (*op.inputs, *op.outputs))
    if task.problem or task.levels or not 1 <= task.chunks <= max(elements, 1):
        raise broken(f"operator {op.name!r} ({op.kind}) is cut into {task.chunks} chunks or has loops")
