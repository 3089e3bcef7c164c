"""Reading an Einsum's words one by one: what may come next, and the error where something else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hwsim.einsum.terms import Index, Shifted
from hwsim.einsum.text.place import TextPlace
from hwsim.einsum.text.tokens import Kind, Token, tokens
from hwsim.spec.errors import InputError

MAX_NESTING = 40
MAX_WORDS = 600

Parsed = TypeVar("Parsed")


class Words:
    """The tokens of one Einsum and how far they were read."""

    def __init__(self, text: str, place: TextPlace) -> None:
        self.place = place
        self.tokens = tokens(text, place)
        self.at = 0
        self.depth = 0
        if len(self.tokens) > MAX_WORDS:
            raise self.error(
                f"an Einsum has at most {MAX_WORDS} words", self.tokens[MAX_WORDS], "split it in two"
            )

    @property
    def here(self) -> Token:
        """The next word."""
        return self.tokens[self.at]

    def comes(self, kind: Kind) -> bool:
        """Whether a word of ``kind`` comes next."""
        return self.here.kind == kind

    def take(self) -> Token:
        """The next word, read."""
        token = self.here
        self.at += 1
        return token

    def skip(self, symbol: str) -> bool:
        """Whether ``symbol`` comes next; if so it is read."""
        found = self.comes("symbol") and self.here.text == symbol
        self.at += found
        return found

    def expect(self, symbol: str, alternative: str | None = None) -> None:
        """Read ``symbol``; ``alternative`` is what else could have stood there."""
        if not self.skip(symbol):
            raise self.expected(f"{alternative} or {symbol!r}" if alternative else repr(symbol))

    def name(self, what: str) -> Token:
        """A name, called ``what`` where there is none."""
        if not self.comes("name"):
            raise self.expected(what)
        return self.take()

    def index(self, what: str = "an index") -> str:
        """A name in lower case."""
        name = self.name(what)
        if name.text[0].isupper():
            hint = f"indices are lower case: {name.text.lower()!r}"
            raise self.error(f"expected {what}, got {name.text!r}", name, hint)
        return name.text

    def rank(self) -> str:
        """A name in upper case."""
        name = self.name("a RANK")
        if not name.text[0].isupper():
            hint = f"ranks are upper case: {name.text.upper()!r}"
            raise self.error(f"expected a RANK, got {name.text!r}", name, hint)
        return name.text

    def integer(self, what: str = "a whole number") -> int:
        """A number without point or exponent."""
        if not self.comes("number") or not self.here.text.isdigit():
            raise self.expected(what)
        return int(self.take().text)

    def shifted(self, index: str, sign: int) -> Index | Shifted:
        """``index`` with the number that comes next added or subtracted."""
        offset = sign * self.integer()
        return Shifted(index, offset) if offset else Index(index)

    def nested(self, parse: Callable[[], Parsed]) -> Parsed:
        """What ``parse`` reads one level deeper.

        Raises:
            InputError: too deep for an expression that a person wrote.
        """
        if self.depth == MAX_NESTING:
            raise self.error(
                f"more than {MAX_NESTING} levels of nesting", self.here, "split the Einsum in two"
            )
        self.depth += 1
        parsed = parse()
        self.depth -= 1
        return parsed

    def expected(self, what: str) -> InputError:
        """The error that ``what`` does not come next."""
        return self.error(f"expected {what}, got {self.here}", self.here)

    def error(self, message: str, token: Token, hint: str | None = None) -> InputError:
        """An error at ``token``."""
        return self.place.error(message, token.column, hint)
