"""Error bands: how far each model was from its references, beside every estimate it makes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch
from hwsim.mapping.plan import Plan, Task
from hwsim.spec.document import load_document
from hwsim.spec.model import Spec, validate

FILE = Path(__file__).parent / "error_bands.yaml"
"""Written by ``hwsim validate --bands``; see :mod:`hwsim.validation.bands`."""


FUSED_ATTENTION = "fused_attention"
"""What the bands call the model of attention in one step: it is of two components."""


class Range(Spec):
    """The smallest and the largest value that the reference cases cover."""

    least: int
    """Smallest value seen."""
    most: int
    """Largest value seen."""


class ErrorBand(Spec):
    """What one comparison says about one component class."""

    component_class: str
    """The class whose model was compared, or ``fused_attention``."""
    quantity: str
    """What was compared."""
    reference: str
    """With what."""
    cases: int
    """On how many cases."""
    max_error: float
    """Largest relative error seen."""
    covered: dict[str, Range]
    """The range of each attribute of the component and each axis of the problem that the cases cover."""
    machines: list[str] = Field(default_factory=list)
    """The machines that the cases are about, by name; none: the attributes above are all that matters."""


class BandFile(Spec):
    """All bands that ship."""

    bands: list[ErrorBand]
    """One entry a comparison."""


@cache
def shipped_bands() -> dict[str, ErrorBand]:
    """The bands by component class."""
    return {band.component_class: band for band in validate(BandFile, load_document(FILE)).bands}


def error_bands(arch: Arch, plan: Plan) -> dict[str, str]:
    """For every operator, what is known of the error of its estimate, in a few words."""
    parts = {part.name: part for part in arch.walk()}
    return {
        task.operator: _band(
            arch.name,
            FUSED_ATTENTION if step.attention else parts[task.component].class_name,
            parts[(step.tasks[0] if step.attention else task).component],
            step.tasks[0] if step.attention else task,
        )
        for step in plan.steps
        for task in step.tasks
    }


def _band(machine: str, model: str, component: Component, task: Task) -> str:
    band = shipped_bands().get(model)
    if band is None:
        return "unvalidated"
    text = f"+-{100 * band.max_error:.3g} % {band.quantity} ({band.reference}, {band.cases} cases)"
    outside = [name for name, covered in band.covered.items() if not _inside(component, task, name, covered)]
    if band.machines and machine not in band.machines:
        outside.insert(0, "machine")
    return f"{text}, extrapolated in {', '.join(outside)}" if outside else text


def _inside(component: Component, task: Task, name: str, covered: Range) -> bool:
    holder = task.problem if name in ("M", "N", "K") else component.attributes
    value = getattr(holder, name, None)
    return value is None or covered.least <= value <= covered.most
