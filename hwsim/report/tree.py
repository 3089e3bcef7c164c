"""An explanation in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from hwsim.report.explanation.node import Node

_PIPE_WIDTH = 1000


def print_tree(node: Node, console: Console) -> None:
    """Print the explanation; lines are broken on a terminal only."""
    out = console if console.is_terminal else Console(file=console.file, width=_PIPE_WIDTH, highlight=False)
    out.print(tree(node))


def tree(node: Node) -> Tree:
    """The explanation as a tree."""
    grown = Tree(_line(node), guide_style="dim")
    for child in node.children:
        grown.add(tree(child))
    return grown


def _line(node: Node) -> Text:
    line = Text.assemble((node.label, "bold"), "  ", node.shown)
    if node.formula:
        line.append(f"  = {node.formula}", style="cyan")
    if node.adds_up is False:
        line.append(f"  does not add up: the parts give {node.recomputed:.6g}", style="bold red")
    if node.source:
        line.append(f"  [{node.source}]", style="dim")
    return line
