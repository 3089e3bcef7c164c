"""The words of an Einsum's text."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from hwsim.einsum.text.place import TextPlace

Kind = Literal["name", "number", "symbol", "end"]

_TOKEN = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<number>(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,3})?)"
    r"|(?P<symbol>[][(),:=@+*/-])",
    re.ASCII,
)
_SPACE = re.compile(r"\s*")


class Token(NamedTuple):
    """One word, where it begins (``column`` counts from 1) and where it ends."""

    kind: Kind
    text: str
    column: int

    def __str__(self) -> str:
        return "the end of the Einsum" if self.kind == "end" else repr(self.text)


def tokens(text: str, place: TextPlace) -> tuple[Token, ...]:
    """The tokens of ``text``, the last of kind ``end``.

    Raises:
        InputError: a character that no Einsum contains.
    """
    found: list[Token] = []
    offset = _skip_space(text, 0)
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            hint = "names, numbers and [ ] ( ) , : = @ + - * / make up an Einsum"
            raise place.error(f"unexpected character {text[offset]!r}", offset + 1, hint)
        found.append(Token(_kind(match), match[0], offset + 1))
        offset = _skip_space(text, match.end())
    found.append(Token("end", "", len(text.rstrip()) + 1))
    return tuple(found)


def _kind(match: re.Match[str]) -> Kind:
    if match.lastgroup == "name":
        return "name"
    return "number" if match.lastgroup == "number" else "symbol"


def _skip_space(text: str, offset: int) -> int:
    match = _SPACE.match(text, offset)
    return match.end() if match else offset
