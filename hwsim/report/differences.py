"""What two runs were told differently: machine, workload, mapping, parameters, described constants."""

from __future__ import annotations

from collections.abc import Iterator

from hwsim.report.document import Run
from hwsim.report.grid import Grid
from hwsim.report.provenance import value_text

_ABSENT = "–"


def difference_grid(run: Run, against: Run, names: tuple[str, str]) -> Grid:
    """Every described value that is not the same in both runs."""
    ours, theirs = dict(_described(run)), dict(_described(against))
    rows = tuple(
        (name, ours.get(name, _ABSENT), theirs.get(name, _ABSENT))
        for name in dict.fromkeys((*ours, *theirs))
        if ours.get(name) != theirs.get(name)
    )
    return Grid("What was described differently", ("Described", *names), rows)


def mapping_name(run: Run) -> str:
    """The name of the mapping that was asked for; empty where the run does not say."""
    told = run.inputs.get("mapping")
    return told.name if told else ""


def _described(run: Run) -> Iterator[tuple[str, str]]:
    yield "arch", run.arch
    yield "workload", run.workload
    yield "mapping", mapping_name(run) or _ABSENT
    yield "fidelity", run.fidelity
    yield "technology", run.technology or _ABSENT
    yield "data type", run.datatype or _ABSENT
    for name, value in run.parameters.items():
        yield f"workload.{name}", value_text(value)
    for constant in run.constants:
        yield constant.name, value_text(constant.value)
