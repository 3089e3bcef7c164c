"""An explanation in a terminal: a tree, and below it the long sources, each once."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from hwsim.report.explanation.node import Node

_PIPE_WIDTH = 1000
_SHORT = 80

Footnotes = dict[str, int]


def print_tree(node: Node, console: Console) -> None:
    """Print the explanation; lines are broken on a terminal only."""
    out = console if console.is_terminal else Console(file=console.file, width=_PIPE_WIDTH, highlight=False)
    footnotes: Footnotes = {}
    out.print(tree(node, footnotes))
    for source, number in footnotes.items():
        out.print(Text.assemble((f"[{number}] ", "bold"), source), soft_wrap=True)


def tree(node: Node, footnotes: Footnotes) -> Tree:
    """The explanation as a tree; sources too long for it are added to ``footnotes``."""
    grown = Tree(_line(node, footnotes), guide_style="dim")
    for child in node.children:
        grown.add(tree(child, footnotes))
    return grown


def _line(node: Node, footnotes: Footnotes) -> Text:
    line = Text.assemble((node.label, "bold"), "  ", node.shown)
    if node.formula:
        line.append(f"  = {node.formula}", style="cyan")
    if node.adds_up is False:
        line.append(f"  does not add up: the parts give {node.recomputed:.6g}", style="bold red")
    if node.source:
        line.append(f"  [{_cited(node.source, footnotes)}]", style="dim")
    return line


def _cited(source: str, footnotes: Footnotes) -> str:
    if len(source) <= _SHORT:
        return source
    return str(footnotes.setdefault(source, len(footnotes) + 1))
