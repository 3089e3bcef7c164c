"""Result documents in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwsim.report.document import NotAResultError, as_run
from hwsim.spec.errors import InputError
from hwsim.spec.files import read_text
from hwsim.spec.located_json import parse_json, position_of


def read_result(path: Path) -> dict[str, Any]:
    """The result document in the file at ``path``.

    Raises:
        InputError: no such file, not JSON, or not a result, with the place in the file.
    """
    text = read_text(path)
    document = parse_json(text, str(path))
    try:
        as_run(document)
    except NotAResultError as error:
        place = position_of(text, error.path, str(path))
        raise InputError(error.message, place, error.hint) from None
    result: dict[str, Any] = document
    return result
