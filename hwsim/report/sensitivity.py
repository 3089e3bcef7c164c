"""What limits a run and what a little more of everything would bring, as JSON and in a terminal."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hwsim.explore.sensitivity import Sensitivity, sensitivity
from hwsim.report import units
from hwsim.spec.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console


def sensitivity_of(document: dict[str, Any], overrides: tuple[str, ...]) -> Sensitivity:
    """The sensitivity of the run of a result document, made anew with the same ``overrides``.

    Raises:
        InputError: the machine or workload is not what the document was made from.
    """
    inputs, searched = document["inputs"], document.get("searched") or [{"objective": "latency"}]
    objective = searched[0]["objective"]
    arch, workload = (inputs[kind].get("file") or inputs[kind]["name"] for kind in ("arch", "workload"))
    mapping = inputs["mapping"].get("file") or inputs["mapping"]["name"]
    found = sensitivity(arch, workload, mapping, overrides, "edp" if objective == "pareto" else objective)
    now = found.result.json["inputs"]
    for kind in ("arch", "workload"):
        if now[kind]["hash"] != inputs[kind]["hash"]:
            raise InputError(
                f"the {kind} of the result is not {inputs[kind]['name']!r} as it is described now",
                hint="give the --set that the result was run with, or run it again",
            )
    return found


def sensitivity_json(found: Sensitivity) -> dict[str, Any]:
    """The sensitivity as JSON."""
    base = {"latency_s": found.result.latency_s, "energy_j": found.result.energy_j}
    effects = [
        {
            "change": each.change.says,
            "set": each.change.override,
            **{key: value for key, value in asdict(each).items() if key != "change"},
        }
        for each in found.effects
    ]
    return {**base, "limits": found.limits, "sensitivity": effects}


def print_sensitivity(found: Sensitivity, console: Console) -> None:
    """Print what limits, and a line for every change."""
    limits = ", ".join(f"{name} {units.percent(share)}" for name, share in found.limits.items())
    console.print(f"limited by: {limits}", markup=False)
    base = found.result
    console.print(f"as it is: {units.seconds(base.latency_s)}, {units.joules(base.energy_j)}", markup=False)
    for each in found.effects:
        time, energy = 0.0 - each.saved_s / base.latency_s, 0.0 - each.saved_j / base.energy_j
        console.print(
            f"{each.change.says:40} latency {time:+9.4%}   energy {energy:+9.4%}",
            markup=False,
            soft_wrap=True,
        )
