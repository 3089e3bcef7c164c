"""``hwsim mapper``: the least traffic of one matrix product through one buffer."""

from __future__ import annotations

from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, write_json

Size = Annotated[int, typer.Option(metavar="N", help="Elements along the axis.")]


def mapper(
    m: Size,
    n: Size,
    k: Size,
    capacity: Annotated[int, typer.Option(metavar="WORDS", help="Words of the buffer.")],
    json: JsonOption = None,
) -> None:
    """Prove the least words between the outermost memory and one buffer for C[M,N] = A[M,K] * B[K,N]."""
    from hwsim.mapping.one_buffer.answer import mapper_answer
    from hwsim.mapping.one_buffer.model import Sizes
    from hwsim.report.mapper import print_optimum

    found = mapper_answer(Sizes(m, n, k), capacity)
    if json:
        write_json(answer({"problem": {"m": m, "n": n, "k": k, "capacity_words": capacity}}, **found), json)
    if json != "-":
        print_optimum(found, console())
