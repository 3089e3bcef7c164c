"""The least traffic of a matrix product in a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text


def print_optimum(answer: dict[str, Any], console: Console) -> None:
    """Print the answer of ``hwsim mapper``: the two optima with a mapping each, and the compulsory words."""
    least, compulsory = answer["optimal_dram_words"], answer["compulsory_words"]
    console.print(
        Text.assemble(("least words", "bold"), f"             {least:>20,}   {_mapping(answer, '')}")
    )
    dividing = answer["optimal_dram_words_divisor_tiles"]
    console.print(Text(f"with tiles that divide  {dividing:>20,}   {_mapping(answer, '_divisor')}"))
    console.print(Text(f"every word once         {compulsory:>20,}   {least / compulsory:.3f} x less"))
    console.print(Text(f"proved over {answer['candidates']:,} tiles that dominate all others", style="dim"))


def _mapping(answer: dict[str, Any], suffix: str) -> str:
    tile = " ".join(f"{axis}={size}" for axis, size in answer[f"tile{suffix}"].items())
    return f"tile {tile}, order {answer[f'order{suffix}']}"
