"""The passes of a cascade in a terminal, what forces each, and the bounds that follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from hwsim.descriptions.sheet import Table
from hwsim.report.sheet import print_rows
from hwsim.report.units import capacity, traffic


def print_cascade(answer: dict[str, Any], console: Console) -> None:
    """Print the answer of ``hwsim cascade``: passes by rank, visits by tensor, barrier chains, bounds."""
    title = Text(answer["name"], style="bold")
    console.print(title.append(f"  {answer['description']}", style="not bold"), soft_wrap=True)
    passes = "   ".join(f"{rank} {count}" for rank, count in answer["passes"].items())
    console.print(Text.assemble(("passes  ", "bold"), passes), soft_wrap=True)
    rows = tuple(_tensor_rows(answer))
    print_rows(Table("tensors", rows), console, len(rows))
    for rank, chain in answer["why"].items():
        for line in _chain_lines(rank, answer["passes"][rank], chain):
            console.print(line, soft_wrap=True)
    for line in _bound_lines(answer):
        console.print(line, soft_wrap=True)


def _tensor_rows(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for tensor, by_rank in answer["tensors"].items():
        for rank, passes in by_rank.items():
            row = {"tensor": tensor, "rank": rank, **passes}
            if "live" in answer:
                row["live fiber"] = capacity(answer["live"][tensor]["fiber_bytes"][rank])
                row["live tensor"] = capacity(answer["live"][tensor]["bytes"])
            yield row


def _chain_lines(rank: str, passes: int, chain: dict[str, Any]) -> Iterator[Text]:
    yield Text.assemble((f"{rank}: {passes} passes", "bold"), f", seen from {chain['tensor']}")
    for step in chain["steps"]:
        begins = f"pass {step['pass']}" if step["pass"] else ""
        line = Text(f"  {begins:8}{step['einsum']}")
        if step["complete"]:
            line.append(f"   all of {', '.join(step['complete'])} first", style="yellow")
        yield line


def _bound_lines(answer: dict[str, Any]) -> Iterator[Text]:
    bounds = answer.get("bounds")
    if not bounds:
        return
    buffer = bounds["buffer_bytes"]
    held = "a buffer that holds everything" if buffer is None else f"a buffer of {capacity(buffer)}"
    sizes = " ".join(f"{rank}={size}" for rank, size in answer["sizes"].items())
    yield Text.assemble(("DRAM traffic", "bold"), f" with {held}, {answer['datatype']}, {sizes}")
    yield Text(f"  compulsory                     {traffic(bounds['compulsory_bytes'])}")
    yield Text(f"  at least                       {traffic(bounds['lower_bound_bytes'])}")
    once = bounds["lower_bound_without_recomputation_bytes"]
    yield Text(f"  at least, nothing done twice   {traffic(once)}")
