"""What every command writes: JSON to a file or standard output, everything else to standard error."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="PATH", help="Write the answer as JSON to PATH ('-': standard output).")
]


def write_json(answer: dict[str, Any], target: str) -> None:
    """``answer`` to the file ``target``, or alone on standard output where it is ``-``."""
    text = json.dumps(answer, indent=1, allow_nan=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    from hwsim.spec.files import write_atomically

    write_atomically(Path(target), text)


def console(json_target: str | None = None) -> Console:
    """Where tables go: standard output, or standard error while that carries JSON."""
    from rich.console import Console

    return Console(stderr=json_target == "-", highlight=False)


def message(text: str) -> None:
    """One line to the user beside the answer."""
    sys.stderr.write(text + "\n")
