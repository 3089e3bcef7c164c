"""``hwsim compare-energy``: a spiking network against its dense int8 twin."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, message, refuse_same_target, write_json


def compare_energy(
    workload: Annotated[
        str, typer.Argument(help="A spiking network told by its layers (hwsim list workload).")
    ],
    against: Annotated[str, typer.Option(help="The machine of the dense twin.")] = "edge_npu",
    arch: Annotated[str | None, typer.Option(help="Also: the network on this neuromorphic chip.")] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=V", help="Change a parameter of the network, as timesteps=8."),
    ] = None,
    weight_bits: Annotated[int, typer.Option(min=1, max=32, help="Bits of a weight.")] = 8,
    potential_bits: Annotated[int, typer.Option(min=1, max=64, help="Bits of a membrane potential.")] = 16,
    sram: Annotated[
        str, typer.Option(metavar="SIZE", help="One SRAM macro of the network's memories.")
    ] = "64 KiB",
    json: JsonOption = None,
    report: Annotated[
        Path | None, typer.Option(metavar="R.html", help="Write a page with the figure.")
    ] = None,
) -> None:
    """Say which costs less, by which accounting, and at which spike rate they break even."""
    from hwsim.report.twin.console import print_twins
    from hwsim.report.twin.question import Question, Settings, answer_of
    from hwsim.spec.quantity import parse_whole
    from hwsim.spec.units import SIZE

    refuse_same_target(json, report)
    settings = Settings(weight_bits, potential_bits, parse_whole(sram, SIZE))
    overrides = tuple(each.removeprefix("workload.") for each in sets or ())
    question = Question(workload, overrides, against, arch, settings)
    found = answer_of(question)
    if json:
        inputs = {
            "workload": {"name": question.network.name, "hash": question.network.content_hash},
            "against": {"name": question.machine.name, "hash": question.machine.content_hash},
        }
        write_json(answer(inputs, **found), json)
    if json != "-":
        print_twins(found, console())
    if report:
        from hwsim.report.twin.page import write_twins_page

        write_twins_page(found, report)
        message(f"report: {report}")
