"""An independent check of a plan: it knows the rules of machines and workloads, not how plans are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hwsim.arch.machine import Arch
from hwsim.arch.memory import Memory
from hwsim.mapping.plan import Plan, Residency, Step
from hwsim.mapping.verify_attention import check_attention
from hwsim.mapping.verify_tasks import broken, check_numbers, check_tasks
from hwsim.mapping.verify_traffic import check_traffic
from hwsim.workload.operator import Operator
from hwsim.workload.workload import Workload


@dataclass(frozen=True, slots=True)
class _Space:
    """A range of a memory taken during one step."""

    owner: str
    address: int
    bytes: int


def verify_plan(plan: Plan, arch: Arch, workload: Workload) -> None:
    """Check order, capacity, addresses and that every tensor read is where it is read from.

    Raises:
        InputError: the plan breaks a rule; says which step, tensor and addresses.
    """
    workload = workload.with_datatype(plan.datatype)
    check_numbers(plan)
    _check_operators(plan, workload)
    _check_names(plan, arch)
    check_tasks(plan, arch, workload)
    check_attention(plan, arch, workload)
    _check_space(plan, arch)
    _check_residents(plan, arch, workload)
    _check_reads(plan, arch, workload)
    check_traffic(plan, arch, workload)


def _check_operators(plan: Plan, workload: Workload) -> None:
    """Every operator once, in an order that respects the data."""
    planned = [task.operator for step in plan.steps for task in step.tasks]
    known = {op.name: op for op in workload.operators}
    for name in planned:
        if name not in known:
            raise broken(f"operator {name!r} is not in workload {workload.name!r}")
    if sorted(planned) != sorted(known):
        missing = sorted(set(known) - set(planned))
        raise broken(f"operator {missing[0]!r} is missing" if missing else "an operator runs twice")
    done: set[str] = set()
    for name in planned:
        for part in known[name].inputs:
            producer = workload.producers.get(part.tensor)
            if producer not in (None, name) and producer not in done:  # itself: a state updated in place
                raise broken(f"operator {name!r} reads {part.tensor!r} before {producer!r} makes it")
        done.add(name)


def _check_names(plan: Plan, arch: Arch) -> None:
    known = {component.name for component in arch.walk()}
    named = {task.component for step in plan.steps for task in step.tasks}
    named |= {
        end for step in plan.steps for move in step.transfers for end in (move.source, move.destination)
    }
    named |= {space.memory for step in plan.steps for space in step.workspaces}
    named |= {stay.memory for stay in plan.residencies}
    for name in sorted(named - known):
        raise broken(f"machine {arch.name!r} has no component {name!r}")


def _check_space(plan: Plan, arch: Arch) -> None:
    """No two things overlap in a memory in one step, and none sticks out of it."""
    capacity = {
        part.name: part.attributes.capacity for part in arch.walk() if isinstance(part.attributes, Memory)
    }
    starting = _by_step(plan)
    alive: list[Residency] = []
    for number, step in enumerate(plan.steps):
        alive = [stay for stay in alive if stay.last_step >= number] + starting.get(number, [])
        for memory in {stay.memory for stay in alive} | {space.memory for space in step.workspaces}:
            spaces = sorted(_spaces(memory, alive, step), key=lambda space: space.address)
            _check_disjoint(number, memory, spaces)
            limit = capacity.get(memory)
            if spaces and limit is not None and spaces[-1].address + spaces[-1].bytes > limit:
                raise broken(f"step {number}: {spaces[-1].owner} sticks out of {memory} ({limit} bytes)")


def _by_step(plan: Plan) -> dict[int, list[Residency]]:
    found: dict[int, list[Residency]] = {}
    for stay in plan.residencies:
        found.setdefault(stay.first_step, []).append(stay)
    return found


def _spaces(memory: str, alive: list[Residency], step: Step) -> Iterator[_Space]:
    for stay in alive:
        if stay.memory == memory:
            yield _Space(f"tensor {stay.tensor!r}", stay.address, stay.bytes)
    for space in step.workspaces:
        if space.memory == memory and space.bytes:
            yield _Space("the tiles", space.address, space.bytes)


def _check_disjoint(number: int, memory: str, spaces: list[_Space]) -> None:
    for low, high in pairwise(spaces):
        if low.address + low.bytes > high.address:
            raise broken(
                f"step {number}: {low.owner} [{low.address}, {low.address + low.bytes}) and {high.owner} at "
                f"{high.address} overlap in {memory}"
            )


def _check_residents(plan: Plan, arch: Arch, workload: Workload) -> None:
    """Residents are whole tensors, made in the step in which they appear or fetched whole before it."""
    made = {
        out.tensor: number
        for number, step in enumerate(plan.steps)
        for task in step.tasks
        for out in _operator(workload, task.operator).outputs
    }
    for stay in plan.residencies:
        if stay.tensor not in workload.tensors:
            raise broken(f"tensor {stay.tensor!r} is not in workload {workload.name!r}")
        if stay.bytes < workload.tensors[stay.tensor].bytes:
            raise broken(
                f"tensor {stay.tensor!r} needs {workload.tensors[stay.tensor].bytes} bytes, has {stay.bytes}"
            )
        if made.get(stay.tensor) != stay.first_step and not _is_fetched(plan, arch, stay):
            raise broken(
                f"tensor {stay.tensor!r} is resident from step {stay.first_step}, where nothing makes it"
            )


def _is_fetched(plan: Plan, arch: Arch, stay: Residency) -> bool:
    """Whether the whole tensor comes from the root memory before the stay's first step."""
    moves = plan.steps[stay.first_step].transfers
    come = (move.bytes for move in moves if (move.tensor, move.role) == (stay.tensor, "fetch"))
    at = {(move.source, move.destination) for move in moves if move.role == "fetch"}
    return at == {(arch.root.name, stay.memory)} and sum(come) >= stay.bytes


def _check_reads(plan: Plan, arch: Arch, workload: Workload) -> None:
    """Every activation is read where it lies: at home while resident, else in the root memory."""
    root = arch.root.name
    resident = {
        (stay.tensor, step)
        for stay in plan.residencies
        for step in range(stay.first_step, stay.last_step + 1)
    }
    saved: set[str] = set()
    for number, step in enumerate(plan.steps):
        inside = {out.tensor for task in step.tasks for out in _operator(workload, task.operator).outputs}
        from_root = {move.tensor for move in step.transfers if move.source == root}
        to_root = {move.tensor for move in step.transfers if move.destination == root}
        saved |= to_root - inside  # residents that leave are written back before the step
        for task in step.tasks:
            for part in _operator(workload, task.operator).inputs:
                if part.tensor in inside or part.tensor not in workload.producers:
                    continue
                if part.tensor in from_root and part.tensor not in saved:
                    raise broken(
                        f"step {number}: {part.tensor!r} is read from {root}, where it was never written"
                    )
                if part.tensor not in from_root and (part.tensor, number) not in resident:
                    raise broken(f"step {number}: {part.tensor!r} is neither resident nor read from {root}")
        saved |= to_root


def _operator(workload: Workload, name: str) -> Operator:
    return workload.by_name[name]
