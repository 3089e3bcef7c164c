"""Small formulas over the settings or the metrics of a point: ``array.rows <= 2 * array.columns``.

Numbers may carry a unit (``buffer.capacity >= 1 MiB``); what they stand for is compared in SI units (bytes).
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hwsim.explore.amounts import amount, has_unit
from hwsim.spec.errors import InputError, Position, did_you_mean

Values = Mapping[str, Any]
Evaluate = Callable[[Values], Any]

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.Not: operator.not_, ast.USub: operator.neg}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "round": round,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": math.sqrt,
    "log2": math.log2,
}
_WITH_UNIT = re.compile(
    r"(?<![\w.])(\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)\s+([A-Za-z]+(?:\^2)?(?:/[A-Za-z]+)?)(?![\w.])"
)
_WORDS = {"and", "or", "not", "in", "if", "else"}
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula that was understood: its ``text``, the ``names`` it reads, where it stands."""

    text: str
    names: frozenset[str]
    evaluate: Evaluate
    position: Position | None = None

    def __call__(self, values: Values) -> Any:
        """What the formula says for ``values``, one for each of its names.

        Raises:
            InputError: it cannot be computed: text compared with a number, a division by zero.
        """
        try:
            return self.evaluate(values)
        except (TypeError, ValueError, ArithmeticError) as error:
            shown = ", ".join(f"{name} = {values[name]!r}" for name in sorted(self.names) if name in values)
            reason = str(error).partition("\n")[0]
            message = f"{self.text!r} cannot be computed for {shown}: {reason}"
            raise InputError(message, self.position) from error


def parse_expression(text: str, known: frozenset[str], position: Position | None = None) -> Expression:
    """The formula in ``text`` over the ``known`` names.

    Args:
        text: comparisons, ``and``, ``or``, ``not``, ``+ - * / // %``, ``min max abs round floor ceil sqrt
            log2``, numbers with or without a unit, texts in quotes.
        known: the names it may use, dotted ones too.
        position: where it stands, for the message.

    Raises:
        InputError: it is no such formula, or uses a name that is not known.
    """
    names: set[str] = set()
    try:
        evaluate = _Builder(known, names).build(_tree(text))
    except InputError as error:
        raise (error.at(position) if position else error) from error
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"{text!r} is no formula", position, "write it as 'area_mm2 < 50'") from error
    return Expression(text, frozenset(names), evaluate, position)


def _tree(text: str) -> ast.expr:
    if len(text) > _LONGEST:
        raise InputError(f"a formula of {len(text)} letters is too long")
    return ast.parse(_without_units(text), mode="eval").body


def number_of(value: Any) -> Any:
    """A setting as formulas see it: amounts with a unit as plain numbers in SI units, the rest as it is."""
    return amount(value) if isinstance(value, str) and has_unit(value) else value


def _without_units(text: str) -> str:
    """The text with each number that has a unit in the place of what it stands for."""

    def plain(match: re.Match[str]) -> str:
        if match[2] in _WORDS:
            return match[0]
        value = amount(f"{match[1]} {match[2]}")
        return str(value) if isinstance(value, int) else repr(value)

    return _WITH_UNIT.sub(plain, text.strip())


@dataclass(frozen=True, slots=True)
class _Builder:
    """From a syntax tree of Python to a function; collects the ``names`` met."""

    known: frozenset[str]
    names: set[str]

    def build(self, node: ast.expr) -> Evaluate:
        match node:
            case ast.Constant(value=bool() | int() | float() | str() as value):
                found = _constant(value)
            case ast.Name() | ast.Attribute():
                found = self._name(_dotted(node))
            case ast.UnaryOp(op=ast.Not() | ast.USub() as sign, operand=inner):
                found = _applied(_UNARY[type(sign)], [self.build(inner)])
            case ast.BoolOp(op=kind, values=parts):
                found = _joined(isinstance(kind, ast.And), [self.build(part) for part in parts])
            case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _BINARY:
                found = _applied(_BINARY[type(operation)], [self.build(left), self.build(right)])
            case ast.Compare():
                found = self._comparison(node)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
                found = _applied(_FUNCTIONS[name], [self.build(each) for each in args])
            case ast.List(elts=entries) | ast.Tuple(elts=entries):
                found = _applied(_listed, [self.build(each) for each in entries])
            case _:
                raise _refused(node)
        return found

    def _name(self, name: str) -> Evaluate:
        if name not in self.known:
            raise InputError(f"the formula uses {name!r}", hint=did_you_mean(name, self.known))
        self.names.add(name)
        return lambda values: values[name]

    def _comparison(self, node: ast.Compare) -> Evaluate:
        parts = [self.build(each) for each in (node.left, *node.comparators)]
        signs = [_COMPARE.get(type(each)) for each in node.ops]

        def compared(values: Values) -> bool:
            found = [part(values) for part in parts]
            return all(
                sign(left, right) for sign, left, right in zip(known, found[:-1], found[1:], strict=True)
            )

        known = [sign for sign in signs if sign is not None]
        if len(known) < len(signs):
            raise InputError(f"{ast.unparse(node)[:60]!r} compares in a way that a formula cannot")
        return compared


def _refused(node: ast.expr) -> InputError:
    return InputError(
        f"{ast.unparse(node)[:60]!r} is nothing a formula can hold",
        hint="use comparisons, and, or, not, + - * / // %, min, max, abs, round, floor, ceil, sqrt, log2",
    )


def _constant(value: Any) -> Evaluate:
    return lambda _: value


def _listed(*found: Any) -> tuple[Any, ...]:
    return found


def _joined(every: bool, parts: list[Evaluate]) -> Evaluate:
    if every:
        return lambda values: all(part(values) for part in parts)
    return lambda values: any(part(values) for part in parts)


def _applied(function: Callable[..., Any], parts: list[Evaluate]) -> Evaluate:
    return lambda values: function(*(part(values) for part in parts))


def _dotted(node: ast.expr) -> str:
    """``a.b.c`` of nested attributes."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=name):
            return f"{_dotted(inner)}.{name}"
    raise InputError(f"{ast.unparse(node)[:60]!r} is no name")
