"""The tree of a YAML text: for every value where it stands, and the source it was given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from hwsim.spec.errors import Position

Step = str | int
Path = tuple[Step, ...]

# The line breaks of YAML 1.1, by which the parser counts lines.
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from (publication and place in it), and a remark such as the conversion made."""

    text: str
    note: str | None = None

    def __str__(self) -> str:
        return f"{self.text} ({self.note})" if self.note else self.text


@dataclass(frozen=True)
class Origin:
    """The text that nodes were read from: a file, or an option of the command line.

    ``shown`` is the text to show in messages where it is not ``text`` itself.
    """

    file: str
    text: str = field(repr=False)
    shown: str | None = field(default=None, repr=False)

    def position(self, mark: Mark) -> Position:
        """``mark`` as a position with the line it points into."""
        lines = self._lines
        shown = lines[mark.line - 1] if mark.line <= len(lines) else None
        return Position(self.file, mark.line, mark.column, shown)

    def end(self) -> Mark:
        """The place behind the last character that is neither space nor line break."""
        lines = _LINE_BREAK.split(self.text.rstrip())
        return Mark(len(lines), len(lines[-1]) + 1)

    @cached_property
    def _lines(self) -> list[str]:
        return _LINE_BREAK.split(self.text if self.shown is None else self.shown)

    def position_of_offset(self, offset: int) -> Position:
        """The position of the character at ``offset`` from the beginning of the text."""
        before = _LINE_BREAK.split(self.text[:offset])
        return self.position(Mark(len(before), len(before[-1]) + 1))


class Mark(NamedTuple):
    """Line and column, counted from 1."""

    line: int
    column: int


class Node(NamedTuple):
    """A value with its place: ``children`` by key or index, ``key_places`` where each key stands.

    ``weight`` counts the nodes below and including this one, an alias as much as what it stands for.
    """

    value: Any
    origin: Origin
    mark: Mark
    children: Mapping[Step, Node]
    key_places: Mapping[str, tuple[Origin, Mark]]
    source: Source | None
    weight: int

    @property
    def position(self) -> Position:
        """Where the value begins."""
        return self.origin.position(self.mark)

    def walk(self, path: Path) -> Iterator[Node]:
        """This node and the nodes along ``path`` as far as they exist."""
        node: Node | None = self
        for step in path:
            if node is None:
                return
            yield node
            node = node.children.get(step)
        if node is not None:
            yield node

    def with_descendant(self, path: Path, new: Node, place: tuple[Origin, Mark]) -> Node:
        """A copy with ``new`` at ``path``, whose parent exists; its key stands at ``place``."""
        if not path:
            return new
        step, rest = path[0], path[1:]
        child = self.children[step].with_descendant(rest, new, place) if rest else new
        children = {**self.children, step: child}
        keys = self.key_places if rest or isinstance(step, int) else {**self.key_places, str(step): place}
        return self._replace(
            value=_replaced(self.value, step, child.value), children=children, key_places=keys
        )


def _replaced(container: Any, step: Step, value: Any) -> Any:
    """A copy of the list or dictionary ``container`` with ``value`` at ``step``."""
    copy = container.copy()
    copy[step] = value
    return copy
