"""``hwsim dram``: the DRAM model alone."""

from __future__ import annotations

from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, write_json


def dram(
    device: Annotated[str, typer.Option(help="A device: a file, or a name from 'hwsim list dram'.")],
    pattern: Annotated[
        str, typer.Option(metavar="NAME[:KEY=VALUE,...]", help="Requests: seq, rand:w=0.33, stride:k=17 ...")
    ] = "rand",
    n: Annotated[int, typer.Option("-n", metavar="N", help="Requests.")] = 10000,
    seed: Annotated[int, typer.Option(help="Seed of what is random about the pattern.")] = 1,
    channels: Annotated[int | None, typer.Option(help="Channels, in place of the device's.")] = None,
    scheduler: Annotated[str, typer.Option(help="fr_fcfs_hit_cap, fr_fcfs or fcfs.")] = "fr_fcfs_hit_cap",
    row_policy: Annotated[str, typer.Option(help="open_page or closed_page.")] = "open_page",
    refresh: Annotated[str, typer.Option(help="all_bank, per_bank or none.")] = "all_bank",
    issue_width: Annotated[
        int | None, typer.Option(help="Requests accepted in a cycle; one a channel by default.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Run a stream of requests through a DRAM device, command by command."""
    from hwsim.engines.dram.question import ask
    from hwsim.report.dram import print_run

    inputs, found = ask(device, pattern, n, seed, channels, scheduler, row_policy, refresh, issue_width)
    if json:
        write_json(answer(inputs, **found), json)
    if json != "-":
        print_run(found, console())
