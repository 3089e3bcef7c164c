"""The part of the plan check that looks at amounts: what must travel does, at least once and whole."""

from __future__ import annotations

from hwsim.arch.machine import Arch
from hwsim.mapping.least import least_read_bytes
from hwsim.mapping.plan import Plan, Step
from hwsim.mapping.vector import touched_bytes
from hwsim.mapping.verify_tasks import broken
from hwsim.workload.operator import Operator
from hwsim.workload.workload import Workload


def check_traffic(plan: Plan, arch: Arch, workload: Workload) -> None:
    """Check that a step fetches what it reads from the root memory, and stores there what it must.

    Raises:
        InputError: a transfer is missing or too small; says which step, tensor and how many bytes.
    """
    root = arch.root.name
    resident = {
        (stay.tensor, step)
        for stay in plan.residencies
        for step in range(stay.first_step, stay.last_step + 1)
    }
    for number, step in enumerate(plan.steps):
        operators = [workload.by_name[task.operator] for task in step.tasks]
        made = {part.tensor for op in operators for part in op.outputs}
        fetched, stored = _amounts(step, root)
        for tensor, least in _reads(operators, workload).items():
            if tensor not in made and (tensor, number) not in resident and fetched.get(tensor, 0) < least:
                raise _short(number, tensor, f"from {root}", fetched.get(tensor, 0), least)
        for tensor, least in _writes(operators, workload).items():
            if stored.get(tensor, 0) < least:
                raise _short(number, tensor, f"to {root}", stored.get(tensor, 0), least)


def _short(number: int, tensor: str, way: str, moved: int, least: int) -> Exception:
    return broken(f"step {number}: {moved} bytes of {tensor!r} go {way}, at least {least} must")


def _amounts(step: Step, root: str) -> tuple[dict[str, int], dict[str, int]]:
    """Bytes of each tensor that leave and that enter the root memory."""
    fetched: dict[str, int] = {}
    stored: dict[str, int] = {}
    for move in step.transfers:
        if move.source == root:
            fetched[move.tensor] = fetched.get(move.tensor, 0) + move.bytes
        if move.destination == root:
            stored[move.tensor] = stored.get(move.tensor, 0) + move.bytes
    return fetched, stored


def _reads(operators: list[Operator], workload: Workload) -> dict[str, int]:
    """The least bytes of each tensor that the operators of a step read."""
    least: dict[str, int] = {}
    for op in operators:
        for part in op.inputs:
            bytes_read = least_read_bytes(op, part, workload.tensors)
            least[part.tensor] = max(least.get(part.tensor, 0), bytes_read)
    return least


def _writes(operators: list[Operator], workload: Workload) -> dict[str, int]:
    """The bytes of each result that outlives the run."""
    return {
        part.tensor: touched_bytes(op, part, workload.tensors)
        for op in operators
        for part in op.outputs
        if workload.tensors[part.tensor].kind in ("output", "state")
    }
