"""``hwsim serve``: requests to a language model over time, on one machine or several side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, SetOption, answer, console, message, refuse_same_target, write_json


def serve(
    arch: Annotated[
        list[str],
        typer.Option(help="Machine: a file, or a name from 'hwsim list arch', folder pim; may come again."),
    ],
    workload: Annotated[str, typer.Option(help="A decoder: a file, or a name from 'hwsim list workload'.")],
    requests: Annotated[
        str, typer.Option(help="sharegpt, alpaca, or a CSV: arrival_s,prompt,output.")
    ] = "sharegpt",
    n: Annotated[int, typer.Option("-n", metavar="N", help="Requests to draw.")] = 1000,
    rate: Annotated[
        float | None, typer.Option(help="Requests a second that arrive; all at once without it.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of lengths and arrivals.")] = 1,
    batch: Annotated[int, typer.Option(help="The most requests under way.")] = 256,
    policy: Annotated[
        str, typer.Option(help="Where caches outgrow the memory: preempt, or reserve for the whole answer.")
    ] = "preempt",
    settings: SetOption = None,
    json: JsonOption = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report that opens offline.")] = None,
) -> None:
    """Serve a trace of requests: throughput, times to the first and for later tokens, energy of a token."""
    from hwsim.report.serving import answer_of, print_served, write_serving_report
    from hwsim.simulation.serving.question import serve as serve_trace
    from hwsim.simulation.serving.question import trace_of

    refuse_same_target(json, report)
    trace = trace_of(requests, n, rate, seed)
    found = [serve_trace(each, workload, trace, tuple(settings or ()), batch, policy) for each in arch]
    inputs = {"requests": requests, "n": len(trace), "rate": rate, "seed": seed, "workload": workload}
    content = answer_of(found, trace)
    if json:
        write_json(answer({**inputs, "batch": batch, "policy": policy}, **content), json)
    if report:
        write_serving_report(found, content, inputs, report)
        message(f"report: {report}")
    if json != "-":
        print_served(content, console())
