"""What the YAML parser complains of, in the words of the person who wrote the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from hwsim.spec.errors import InputError, Position
from hwsim.spec.nodes import Mark, Origin

_LOADER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_HINTS = {
    "mapping values are not allowed": "quote a text that holds ': ', and check the indentation",
    "did not find expected key": "check the indentation, and that brackets and quotes are closed",
    "did not find expected '-' indicator": "check the indentation of the list",
    "could not find expected ':'": "a key needs ': ' and a value",
    "found unexpected end of stream": "a quote is not closed",
    "did not find expected ',' or": "a bracket is not closed, or a comma is missing",
    "cannot start any token": "quote a text that begins with this character",
    "found undefined alias": "define it first with '&name'",
}


def parser_events(origin: Origin) -> Iterator[Any]:
    """The events of the YAML parser, in order.

    Raises:
        InputError: the text is not YAML, at the place where the parser gave up.
    """
    _refuse_control_characters(origin)
    try:
        yield from yaml.parse(origin.text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(origin, error) from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: an escape beyond Unicode, without libyaml
        raise InputError(f"not valid YAML: {error}", origin.position(Mark(1, 1))) from error


def _refuse_control_characters(origin: Origin) -> None:
    bad = _FORBIDDEN.search(origin.text)
    if bad:
        place = origin.position_of_offset(bad.start())
        position = Position(place.file, place.line, place.column)  # the line could upset a terminal
        message = f"the character U+{ord(bad.group()):04X} is not allowed in YAML"
        raise InputError(message, position, "is it a binary file?")


def _syntax_error(origin: Origin, error: yaml.MarkedYAMLError) -> InputError:
    mark = error.problem_mark or error.context_mark
    place = Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)
    position = origin.position(min(place, origin.end()))
    if (position.text or "")[: position.column].endswith("\t"):
        return InputError("not valid YAML: a tab cannot indent", position, "indent with spaces")
    problem = error.problem or error.context or "the parser gave no reason"
    hint = next((hint for known, hint in _HINTS.items() if known in problem), None)
    return InputError(f"not valid YAML: {problem}", position, hint)
