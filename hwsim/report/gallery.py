"""The figures there are, found by module, with what the page needs of each."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from hwsim.report import contrasts as contrast_modules
from hwsim.report import figures
from hwsim.report.document import Run
from hwsim.report.grid import Grid

SECTIONS = {
    "time": "Where the time goes",
    "limits": "What limits it",
    "attention": "How attention runs",
    "spikes": "What the neurons do",
    "energy": "Where the energy goes",
    "machine": "How the machine is used",
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as the page shows it; ``data`` is what plotly.js draws."""

    identity: str
    section: str
    title: str
    caption: str
    grid: Grid
    data: dict[str, Any]


def drawings(run: Run) -> list[Drawing]:
    """Every figure that has something to show of ``run``, in the order of the page."""
    return _drawn(modules(figures), "figure", (run,))


def contrasts(run: Run, against: Run) -> list[Drawing]:
    """Every figure that sets ``run`` beside ``against``."""
    return _drawn(modules(contrast_modules), "contrast", (run, against))


def modules(package: ModuleType) -> list[ModuleType]:
    """The modules of a package of figures by their ``ORDER`` (then name), section by section."""
    names = sorted(one.name for one in pkgutil.iter_modules(package.__path__))
    found = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    sections = list(SECTIONS)
    return sorted(found, key=lambda module: (sections.index(module.SECTION), module.ORDER))


def _drawn(found: Iterable[ModuleType], prefix: str, runs: tuple[Run, ...]) -> list[Drawing]:
    drawn = ((module, module.figure(*runs)) for module in found)
    return [_drawing(module, prefix, runs, figure) for module, figure in drawn if figure is not None]


def _drawing(module: ModuleType, prefix: str, runs: tuple[Run, ...], figure: Any) -> Drawing:
    name = module.__name__.rpartition(".")[2].replace("_", "-")
    data = json.loads(figure.to_json(engine="json"))
    data["layout"].pop("template", None)  # the page has its own, for light and for dark
    return Drawing(
        identity=f"{prefix}-{name}",
        section=module.SECTION,
        title=module.TITLE,
        caption=module.caption(*runs),
        grid=module.table(*runs),
        data=data,
    )
