"""What every command writes: JSON to a file or standard output, everything else to standard error."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA = 1
PIPE_WIDTH = 200
JsonOption = Annotated[
    str | None,
    typer.Option("--json", metavar="PATH", help="Write the answer as JSON to PATH ('-': standard output)."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="A.B=V", help="Change an attribute of the machine, or workload.NAME."),
]

ObjectiveOption = Annotated[
    str | None,
    typer.Option(
        help="latency, energy, edp or pareto: the best loop nests of their declared sets by what the run "
        "itself reports; left out, the fastest by an estimate."
    ),
]


def answer(inputs: dict[str, Any], **content: Any) -> dict[str, Any]:
    """``content`` with what every answer in JSON carries: our version, the schema's, hashes of the inputs."""
    from hwsim import __version__

    return {"hwsim": __version__, "schema": SCHEMA, "inputs": inputs, **content}


def write_json(content: dict[str, Any], target: str) -> None:
    """``content`` to the file ``target``, or alone on standard output where it is ``-``."""
    text = json.dumps(content, indent=1, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    from hwsim.spec.files import write_atomically

    write_atomically(Path(target), text)


def refuse_same_target(*targets: str | Path | None) -> None:
    """Refuse to write two answers to one file, of which only the last would be left.

    Raises:
        InputError: two of ``targets`` are one file.
    """
    from hwsim.spec.errors import InputError

    files = [Path(target).resolve() for target in targets if target is not None and str(target) != "-"]
    twice = next((file for file in files if files.count(file) > 1 and file.parent != Path("/dev")), None)
    if twice:
        raise InputError(f"two answers would go to one file, {twice.name!r}", hint="name a file for each")


def refuse_together(options: dict[str, object]) -> None:
    """Refuse options of which only one would count.

    Raises:
        InputError: more than one of ``options`` is given.
    """
    from hwsim.spec.errors import InputError

    given = [name for name, value in options.items() if value is not None]
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)} are given, only one counts", hint=f"leave {given[-1]} out")


def console(json_target: str | None = None) -> Console:
    """Where tables go: standard output, or standard error while that carries JSON.

    What is no terminal gets lines of ``PIPE_WIDTH`` columns, unless COLUMNS says otherwise.
    """
    from rich.console import Console

    class Told(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    made = Told(stderr=json_target == "-", highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = PIPE_WIDTH
    return made


def message(text: str) -> None:
    """One line to the user beside the answer."""
    sys.stderr.write(text + "\n")
