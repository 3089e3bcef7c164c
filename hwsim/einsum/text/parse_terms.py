"""Parsing accesses and expressions; ``parse`` has the grammar."""

from __future__ import annotations

from hwsim.einsum.functions import COORDINATE, MAP_FUNCTIONS, SIZE
from hwsim.einsum.terms import (
    Access,
    Binary,
    Call,
    Coord,
    Expression,
    Fixed,
    Gather,
    Index,
    IndexValue,
    Last,
    Negative,
    Number,
    Size,
    Window,
)
from hwsim.einsum.text.tokens import Token
from hwsim.einsum.text.words import Words
from hwsim.spec.errors import did_you_mean


class TermParser(Words):
    """Reads accesses and expressions."""

    def access(self, what: str) -> Access:
        """``name [coord, ...]``; ``what`` names it where there is none."""
        name = self.name(what)
        if not self.skip("["):
            return Access(name.text, (), name.column)
        columns, coords = [self.here.column], [self.coord()]
        while self.skip(","):
            columns.append(self.here.column)
            coords.append(self.coord())
        self.expect("]", "','")
        return Access(name.text, tuple(coords), name.column, tuple(columns))

    def coord(self) -> Coord:
        """One coordinate of an access."""
        if self.comes("number"):
            return Fixed(self.integer())
        if self.skip("@"):
            return self.nested(lambda: Gather(self.access("the tensor that holds the coordinate")))
        name = self.name("a coordinate: an index, a whole number, a RANK or '@'").text
        return Last(name) if name[0].isupper() else self.moved(name)

    def moved(self, index: str) -> Coord:
        """What follows an index in a coordinate: nothing, a shift, or the tap of a window."""
        if self.skip("-"):
            return self.shifted(index, -1)
        if not self.skip("+"):
            return Index(index)
        if self.comes("number"):
            return self.shifted(index, 1)
        return Window(index, self.index("a whole number or an index"))

    def sum(self) -> Expression:
        """An expression."""
        left = self.product()
        while self.here.text in ("+", "-"):
            left = Binary(self.take().text, left, self.product())
        return left

    def product(self) -> Expression:
        """A term of a sum."""
        left = self.factor()
        while self.here.text in ("*", "/"):
            left = Binary(self.take().text, left, self.factor())
        return left

    def factor(self) -> Expression:
        """A factor of a product."""
        if self.skip("-"):
            return self.nested(lambda: Negative(self.factor()))
        if self.skip("("):
            inner = self.nested(self.sum)
            self.expect(")", "an operator")
            return inner
        if self.comes("number"):
            return Number(float(self.take().text))
        if self.here.text == "inf":
            self.take()
            return Number(float("inf"))
        if self.comes("name") and self.tokens[self.at + 1].text == "(":
            return self.call()
        return self.access("a tensor, a number, a function or '('")

    def call(self) -> Expression:
        """A function with its arguments."""
        name = self.take()
        self.expect("(")
        if name.text == SIZE:
            return self.closed(Size(self.rank(), name.column))
        if name.text == COORDINATE:
            return self.closed(IndexValue(self.index(), name.column))
        if name.text not in MAP_FUNCTIONS:
            hint = did_you_mean(name.text, [*MAP_FUNCTIONS, SIZE, COORDINATE])
            raise self.error(f"unknown function {name.text!r}", name, hint)
        return self.nested(lambda: self.arguments(name))

    def arguments(self, name: Token) -> Call:
        """The arguments of function ``name``, as many as it takes."""
        arguments = [self.sum()]
        while self.skip(","):
            arguments.append(self.sum())
        self.expect(")", "','")
        wanted = MAP_FUNCTIONS[name.text]
        if len(arguments) != wanted:
            plural = "s" if wanted > 1 else ""
            raise self.error(f"{name.text} takes {wanted} argument{plural}, got {len(arguments)}", name)
        return Call(name.text, tuple(arguments))

    def closed(self, term: Expression) -> Expression:
        """``term``, after the parenthesis that closes it."""
        self.expect(")")
        return term
