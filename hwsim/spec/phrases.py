"""What is wrong with a value, in one phrase for each kind of pydantic error."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hwsim.spec.nodes import Path

_LONGEST_TEXT = 60

Context = dict[str, Any]
_PHRASES: dict[str, Callable[[Context], str]] = {
    "greater_than": lambda context: f"must be greater than {context['gt']}",
    "greater_than_equal": lambda context: f"must be at least {context['ge']}",
    "less_than": lambda context: f"must be less than {context['lt']}",
    "less_than_equal": lambda context: f"must be at most {context['le']}",
    "multiple_of": lambda context: f"must be a multiple of {context['multiple_of']}",
    "int_type": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "finite_number": lambda _: "must be a finite number",
    "bool_type": lambda _: "must be true or false",
    "string_type": lambda _: "must be text",
    "string_sub_type": lambda _: "must be text",
    "string_too_short": lambda context: f"must have at least {context['min_length']} characters",
    "string_too_long": lambda context: f"must have at most {context['max_length']} characters",
    "string_pattern_mismatch": lambda context: f"must match the pattern {context['pattern']}",
    "list_type": lambda _: "must be a list",
    "tuple_type": lambda _: "must be a list",
    "set_type": lambda _: "must be a list",
    "frozen_set_type": lambda _: "must be a list",
    "dict_type": lambda _: "must be a mapping of keys to values",
    "model_type": lambda _: "must be a mapping of keys to values",
    "model_attributes_type": lambda _: "must be a mapping of keys to values",
    "dataclass_type": lambda _: "must be a mapping of keys to values",
    "none_required": lambda _: "must be empty",
    "too_short": lambda context: f"must have at least {context['min_length']} entries",
    "too_long": lambda context: f"must have at most {context['max_length']} entries",
}


def phrase(kind: str, message: str, context: Context, value: Any) -> str:
    """What is wrong with ``value``: pydantic's ``kind`` of error, its own ``message`` and ``context``."""
    known = _PHRASES.get(kind)
    if known:
        return f"{known(context)}, got {shown(value)}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", message))
    return f"{message[:1].lower()}{message[1:]}, got {shown(value)}"


def subject(path: Path) -> str:
    """What the value at ``path`` is called in a message: ``rows``, ``shape[1]``."""
    indices = ""
    for step in reversed(path):
        if isinstance(step, str):
            return f"{step}{indices}"
        indices = f"[{step}]{indices}"
    return f"entry {indices}" if indices else "the file"


def shown(value: Any) -> str:
    """``value`` as in YAML, clipped."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else f"{'-' if value < 0 else ''}.inf"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else f"a list of {len(value)}"
    return clipped(repr(value))


def clipped(text: str) -> str:
    """``text``, or its beginning where it is too long for a message."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 3]}..."
