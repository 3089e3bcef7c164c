"""``hwsim import``: a model in another tool's format as a workload in our own YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import message


def import_model(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL",
            help="A Hugging Face config.json, an .onnx or .nir graph, a SCALE-Sim topology .csv, "
            "or a folder with a spiking network's tables.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="W.yaml", help="Where to write the workload.")
    ],
    allow_unknown: Annotated[
        bool,
        typer.Option(
            "--allow-unknown", help="Count only the bytes of operators nobody knows; else refuse them."
        ),
    ] = False,
) -> None:
    """Write MODEL as a workload that can be read, edited and run."""
    from hwsim.spec.files import write_atomically
    from hwsim.workload.load import import_workload

    text, workload = import_workload(model, allow_unknown=allow_unknown, folder=output.parent)
    write_atomically(output, text)
    message(f"{workload.name}: {workload.size}")
    for note in workload.notes:
        message(note)
