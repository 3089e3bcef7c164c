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
            help="A Hugging Face config.json, an .onnx graph, or a SCALE-Sim topology .csv.",
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

    text, workload = import_workload(model, allow_unknown=allow_unknown)
    write_atomically(output, text)
    counts = f"{workload.macs:,} MACs, {workload.parameter_count:,} parameters"
    message(f"{workload.name}: {len(workload.operators)} operators, {counts}")
    for note in workload.notes:
        message(note)
