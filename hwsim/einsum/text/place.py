"""From a column of an Einsum's text to the place in the file it was written in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

from hwsim.spec.document import Document
from hwsim.spec.errors import InputError, Position
from hwsim.spec.nodes import Mark, Origin, Path

_LINES = re.compile("[^\r\n\x85\u2028\u2029]*(?:\r\n|[\r\n\x85\u2028\u2029])?")
_VISIBLE = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class TextPlace:
    """An Einsum's ``text`` and, where it comes from a YAML file, where in it the scalar begins."""

    text: str = ""
    origin: Origin | None = field(default=None, repr=False)
    mark: Mark | None = None

    def position(self, column: int) -> Position:
        """The position of the character at ``column`` (from 1) of the text.

        A column of no word means the one behind the word before it. Quotes, block indicators and line folding
        are allowed for by counting visible characters, which are the same in the scalar and in the file.
        """
        if self.origin is None or self.mark is None:
            return Position("<einsum>", 1, column, self.text)
        visible = len(_VISIBLE.findall(self.text[: column - 1]))
        behind = not self.text[column - 1 : column].strip() and visible > 0
        start = _content_start(self.origin.text, _offset(self.origin.text, self.mark))
        found = next(islice(_VISIBLE.finditer(self.origin.text, start), visible - behind, None), None)
        if found is None:
            return self.origin.position(self.mark)
        return self.origin.position_of_offset(found.start() + behind)

    def error(self, message: str, column: int = 1, hint: str | None = None) -> InputError:
        """An error at ``column``."""
        return InputError(message, self.position(column), hint)


def place_of(document: Document, path: Path, text: str) -> TextPlace:
    """The place of the scalar ``text`` at ``path`` of ``document``."""
    node = list(document.root.walk(path))[-1]
    return TextPlace(text, node.origin, node.mark)


def _offset(text: str, mark: Mark) -> int:
    line = next(islice(_LINES.finditer(text), mark.line - 1, None))
    return line.start() + mark.column - 1


def _content_start(text: str, offset: int) -> int:
    """Where the scalar's own characters begin, behind an opening quote or a block indicator and its line."""
    first = text[offset : offset + 1]
    if first in ("'", '"'):
        return offset + 1
    if first in ("|", ">"):
        line = _LINES.match(text, offset)
        return line.end() if line else offset
    return offset
