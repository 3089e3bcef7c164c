"""JSON that remembers where things stand: parse a text, then ask for the line and column of any value."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from hwsim.spec.errors import InputError, Position

Path = tuple[str | int, ...]
_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def parse_json(text: str, file: str) -> Any:
    """The value of ``text``.

    Raises:
        InputError: malformed JSON, a repeated key, or NaN or an infinity, with the position.
    """
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InputError(f"malformed JSON: {error.msg}", at_offset(text, error.pos, file)) from None
    except _RepeatedKeyError as error:
        offset = _offset_of_repeated(text, error.key)
        raise InputError(f"key {error.key!r} is given twice", at_offset(text, offset, file)) from None
    except _ConstantError as error:
        offset = text.find(error.name)
        raise InputError(f"{error.name} is not JSON", at_offset(text, offset, file)) from None
    except RecursionError:
        raise InputError("malformed JSON: nested too deeply", at_offset(text, 0, file)) from None


def position_of(text: str, path: Path, file: str) -> Position:
    """Where the value at ``path`` of valid JSON begins; the nearest enclosing value if it is absent."""
    offset = _skip_blank(text, 0)
    for key in path:
        inner = _element(text, offset, key) if isinstance(key, int) else _member(text, offset, key)
        if inner is None:
            break
        offset = inner
    return at_offset(text, offset, file)


def at_offset(text: str, offset: int, file: str) -> Position:
    """The position of a character offset."""
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    line = text[start:] if end < 0 else text[start:end]
    return Position(file, text.count("\n", 0, offset) + 1, offset - start + 1, line.rstrip("\r"))


class _RepeatedKeyError(Exception):
    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


class _ConstantError(Exception):
    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise _RepeatedKeyError(key)
        members[key] = value
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise _ConstantError(name)


def _offset_of_repeated(text: str, key: str) -> int:
    """The last place the key is written as a key: good enough to find a repeated one."""
    places = [match.start() for match in re.finditer(re.escape(json.dumps(key)) + r"\s*:", text)]
    return places[-1] if places else 0


def _skip_blank(text: str, offset: int) -> int:
    match = _BLANK.match(text, offset)
    return match.end() if match else offset


def _value_end(text: str, offset: int) -> int:
    return _DECODER.raw_decode(text, offset)[1]


def _next_item(text: str, end: int) -> int | None:
    """Offset of the item after the one that ended at ``end``; None behind the last."""
    comma = _skip_blank(text, end)
    return _skip_blank(text, comma + 1) if text[comma] == "," else None


def _element(text: str, offset: int, index: int) -> int | None:
    if text[offset] != "[":
        return None
    here: int | None = _skip_blank(text, offset + 1)
    for _ in range(index):
        if here is None or text[here] == "]":
            return None
        here = _next_item(text, _value_end(text, here))
    return None if here is None or text[here] == "]" else here


def _member(text: str, offset: int, wanted: str) -> int | None:
    if text[offset] != "{":
        return None
    here: int | None = _skip_blank(text, offset + 1)
    while here is not None and text[here] != "}":
        key, end = _DECODER.raw_decode(text, here)
        value = _skip_blank(text, _skip_blank(text, end) + 1)
        if key == wanted:
            return value
        here = _next_item(text, _value_end(text, value))
    return None
