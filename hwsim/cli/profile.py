"""``hwsim profile``: real kernels, measured with PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import message


def profile(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="The table to write, or to go on with.")
    ],
    suite: Annotated[
        str, typer.Option(help="What to measure: gemm, decode, spiking ..., transformer or all.")
    ] = "transformer",
    device: Annotated[str, typer.Option(help="cuda or cpu.")] = "cuda",
    dtype: Annotated[str, typer.Option(help="Datatype: fp32, fp16 or bf16.")] = "bf16",
    board: Annotated[str, typer.Option(help="What to call the device in the table.")] = "",
    launch: Annotated[
        str, typer.Option(help="graph (CUDA graph, the usual on cuda) or eager.", show_default=False)
    ] = "",
    warm: Annotated[
        bool, typer.Option("--warm", help="Use one copy of the weights: caches stay warm.")
    ] = False,
    seconds: Annotated[
        float, typer.Option(min=0, help="Stop after this time; go on with the same -o.")
    ] = 600.0,
) -> None:
    """Measure kernels one by one; every line is on disk before the next, and a second run goes on."""
    from datetime import UTC, datetime

    from hwsim.validation.profiler.harness import Options, check_device, device_name, load_torch, measure
    from hwsim.validation.profiler.launch import launch_of
    from hwsim.validation.profiler.record import Profile, Setting
    from hwsim.validation.profiler.suites import suite as calls_of

    calls = calls_of(suite, dtype)
    torch = load_torch()
    check_device(torch, device)
    name = device_name(torch, device)
    setting = Setting(
        board=board or ("cpu" if device == "cpu" else name),
        launch=launch_of(device, launch),
        software=f"torch {torch.__version__}",
        device=name,
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
    )
    table = Profile(output, setting)
    for call, what in measure(calls, table, Options(device, not warm, seconds, setting.launch), torch):
        message(f"{call.operator} {call.datatype} {call.dimensions}: {what}")
    message(f"profile: {output} ({len(table)} of {len(calls)} kernels)")
