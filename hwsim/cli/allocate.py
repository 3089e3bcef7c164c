"""``hwsim allocate``: addresses for buffers with fixed lifetimes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, message, write_json


def allocate(
    buffers: Annotated[
        Path,
        typer.Argument(help="CSV with columns id,lower,upper,size (MiniMalloc's), alignment."),
    ],
    capacity: Annotated[
        str | None, typer.Option(help="Bytes, or e.g. 1MiB; without it, the smallest there can be.")
    ] = None,
    time_limit: Annotated[float, typer.Option(metavar="S", help="Seconds for everything.")] = 60.0,
    json: JsonOption = None,
) -> None:
    """Place buffers so that those alive together do not overlap, or prove that they cannot be."""
    from hwsim.schedule.answer import allocation_answer, allocation_text, file_input
    from hwsim.schedule.buffer_file import read_buffers
    from hwsim.schedule.choices import checked_limit, size_in_bytes
    from hwsim.schedule.timed_allocation import allocate_verified, smallest_verified

    limit = checked_limit(time_limit)
    size = None if capacity is None else size_in_bytes(capacity, "--capacity")
    wanted = read_buffers(buffers)
    found = smallest_verified(wanted, limit) if size is None else allocate_verified(wanted, size, limit)
    if json:
        write_json(answer({"buffers": file_input(buffers)}, **allocation_answer(found, wanted)), json)
    if json != "-":
        for buffer in wanted:
            console().print(f"{buffer.id},{found.allocation.offsets.get(buffer.id, '')}", markup=False)
    if found.allocation.found:
        message(allocation_text(found, wanted))
    if found.interrupted:
        raise KeyboardInterrupt
    found.allocation.insist()
