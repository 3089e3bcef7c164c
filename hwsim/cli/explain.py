"""``hwsim explain``: from a figure of a result to its sources."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hwsim.cli.output import JsonOption, SetOption, console, write_json
from hwsim.cli.output import answer as answer_json


def explain(
    result: Annotated[
        Path, typer.Argument(metavar="RESULT.json", help="What 'hwsim run --json RESULT.json' wrote.")
    ],
    what: Annotated[
        str,
        typer.Argument(
            help="latency, energy, lower_bound ...; an operator, a component; conv1.energy, mxu.rows; "
            "sensitivity: what limits, and what one more KiB, GB/s, row would bring."
        ),
    ],
    settings: SetOption = None,
    json: JsonOption = None,
) -> None:
    """Walk from a figure back to action counts, formula, constant and the source of the constant."""
    from hwsim.report.explain import answer
    from hwsim.report.explain import explain as find
    from hwsim.report.result_file import read_result
    from hwsim.report.tree import print_tree

    document = read_result(result)
    if what == "sensitivity":
        _sensitivity(document, tuple(settings or ()), json)
        return
    node = find(document, what)
    if json:
        write_json(answer(document, what, node), json)
    if json != "-":
        print_tree(node, console())


def _sensitivity(document: dict[str, Any], settings: tuple[str, ...], json: str | None) -> None:
    from hwsim.report.sensitivity import print_sensitivity, sensitivity_json, sensitivity_of

    found = sensitivity_of(document, settings)
    if json:
        write_json(answer_json(document["inputs"], **sensitivity_json(found)), json)
    if json != "-":
        print_sensitivity(found, console())
