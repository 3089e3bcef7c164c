"""Plans: what there is to say about one."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from hwsim.descriptions.kind import Kind
from hwsim.descriptions.sheet import Sheet, Table
from hwsim.mapping.nest import describe as nest
from hwsim.mapping.plan import Plan, Step, plan_from_json
from hwsim.spec.document import load_document


def describe(path: str) -> Sheet:
    """The plan in the file at ``path``; whether it fits its machine is for ``hwsim run --plan`` to say.

    Raises:
        InputError: it is no plan, with the place in the file.
    """
    document = load_document(Path(path))
    plan = plan_from_json(document)
    return Sheet(
        kind="plan",
        name=f"{plan.workload} on {plan.arch}",
        description=f"mapping {plan.mapping}",
        file=path,
        content_hash=document.content_hash,
        facts={"arch": plan.arch, "workload": plan.workload, "datatype": plan.datatype},
        tables=(
            Table("steps", tuple(_step(number, step) for number, step in enumerate(plan.steps))),
            Table("residencies", tuple(_resident(stay) for stay in plan.residencies)),
        ),
    )


def _step(number: int, step: Step) -> dict[str, Any]:
    first = step.tasks[0]
    return {
        "step": number,
        "operators": [task.operator for task in step.tasks],
        "component": first.component,
        "mapping": nest(first.levels, first.problem) if first.problem else f"{first.chunks} chunks",
        "moved_bytes": sum(move.bytes for move in step.transfers),
    }


def _resident(stay: Any) -> dict[str, Any]:
    return {field.name: getattr(stay, field.name) for field in fields(stay)}


KIND = Kind(
    name="plan",
    says="where, in which order and in which tiles every operator runs",
    read=describe,
    keys=lambda: frozenset({field.name for field in fields(Plan)} - {"arch", "workload", "mapping"}),
)
