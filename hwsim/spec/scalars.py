"""Plain YAML scalars read by the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/, section 10.3.2).

Unlike YAML 1.1: ``1e-12`` is a number, ``on`` and ``no`` are text, ``010`` is ten and ``0o10`` is eight.
"""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

_LONGEST_INTEGER = 100
_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((s + i for s in ("", "+") for i in (".inf", ".Inf", ".INF")), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_MAY_START_A_NUMBER = frozenset("+-.0123456789")


def resolve(text: str) -> Scalar:
    """The value of the plain (unquoted) scalar ``text``.

    Raises:
        ValueError: an integer of more than 100 digits.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _MAY_START_A_NUMBER:
        return text
    base = _integer_base(text)
    if base:
        return _integer(text, base)
    return float(text) if _FLOAT.match(text) else text


def _integer_base(text: str) -> int | None:
    """The base in which ``text`` is an integer, or None where it is none."""
    if _DECIMAL.match(text):
        return 10
    if _HEXADECIMAL.match(text):
        return 16
    return 8 if _OCTAL.match(text) else None


def _integer(text: str, base: int) -> int:
    if len(text) > _LONGEST_INTEGER:
        raise ValueError(f"a whole number of {len(text)} digits is too long")
    return int(text, base)
