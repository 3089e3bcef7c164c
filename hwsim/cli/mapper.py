"""``hwsim mapper``: the best loop nest of one Einsum, proved; or the least traffic of a product."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, write_json

Size = Annotated[int | None, typer.Option(metavar="N", help="Elements along the axis of a product.")]


def mapper(
    m: Size = None,
    n: Size = None,
    k: Size = None,
    capacity: Annotated[int | None, typer.Option(metavar="WORDS", help="Words of the buffer.")] = None,
    einsum: Annotated[
        str | None, typer.Option(help=r"Any Einsum: 'O\[k,p]=I\[c,2p+r]*W\[k,c,r]'; several: 'A; B'.")
    ] = None,
    sizes: Annotated[str, typer.Option(help="Its ranks: k=64,c=3,p=112,q=112,r=7,s=7.")] = "",
    machine: Annotated[
        str | None, typer.Option(help="Machine: a file, or a name from 'hwsim list arch'.")
    ] = None,
    objective: Annotated[str, typer.Option(help="latency, energy, edp or pareto.")] = "energy",
    rules: Annotated[
        Path | None, typer.Option(help="What to keep, pass by and unroll, or a whole nest (YAML).")
    ] = None,
    bits: Annotated[int | None, typer.Option(min=1, help="Bits of an element; else the machine's.")] = None,
    time_limit: Annotated[
        float | None, typer.Option(min=0, metavar="S", help="Stop with the best so far and its gap.")
    ] = None,
    slope: Annotated[bool, typer.Option(help="The least traffic for every size of one buffer.")] = False,
    json: JsonOption = None,
) -> None:
    """Prove the best loop nest of an Einsum on a machine: tiles, order, what is kept and unrolled.

    With --m --n --k and --capacity: the least words between the outermost memory and one buffer for
    a product of M x K by K x N with one common tile.
    """
    from hwsim.report import mapper as shown
    from hwsim.report.mapper_question import Asked, answer_of

    asked = Asked(m, n, k, capacity, einsum, sizes, machine, objective, rules, bits, time_limit, slope)
    kind, inputs, found = answer_of(asked)
    if json:
        write_json(answer(inputs, **found), json)
    if json != "-":
        shown.PRINTERS[kind](found, console())
