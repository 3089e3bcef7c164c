"""Cycles as a timing table writes them: whole numbers, names, ``+ - *``, ``max(...)`` and parentheses."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from hwsim.spec.errors import InputError, did_you_mean


class NoValue(InputError):
    """A name in an expression that has no value."""


_SIGNS: dict[type[ast.AST], Callable[[int, int], int]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
}
_LONGEST = 200
_LARGEST = 10**9


def evaluate(text: str, lookup: Callable[[str], int]) -> int:
    """The value of ``text``; ``lookup`` gives that of a name.

    Raises:
        InputError: it is no such expression, or ``lookup`` raises it.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval") if len(text) <= _LONGEST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = None
    if tree is None:
        raise _not_one(text)
    value = _value(tree.body, text, lookup)
    if abs(value) > _LARGEST:
        raise InputError(f"{text!r} is {value}, more cycles than any device needs")
    return value


def values_of(given: Mapping[str, int], formulas: Mapping[str, str]) -> Callable[[str], int]:
    """A lookup of names: ``given`` first, else the formula of that name, which may use other names.

    The lookup raises InputError for a name nobody knows and for a formula that needs itself.
    """
    pending: list[str] = []

    def lookup(name: str) -> int:
        if name in given:
            return given[name]
        if name not in formulas:
            raise NoValue(f"{name!r} has no value", hint=did_you_mean(name, {*given, *formulas}))
        if name in pending:
            raise InputError(f"{name!r} is defined by itself")
        pending.append(name)
        try:
            return evaluate(formulas[name], lookup)
        finally:
            pending.pop()

    return lookup


def _value(node: ast.AST, text: str, lookup: Callable[[str], int]) -> int:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.Name):
        return lookup(node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, text, lookup)
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        left, right = _value(node.left, text, lookup), _value(node.right, text, lookup)
        return _SIGNS[type(node.op)](left, right)
    if _is_maximum(node):
        return max(_value(part, text, lookup) for part in node.args)  # type: ignore[attr-defined]
    raise _not_one(text)


def _is_maximum(node: ast.AST) -> bool:
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "max"
    return called and bool(node.args) and not node.keywords  # type: ignore[attr-defined]


def _not_one(text: str) -> InputError:
    return InputError(f"{text!r} is not a number of cycles", hint="use numbers, names, + - *, max(a, b)")
