"""Documents made from files in other tools' formats: their errors point into the file the user has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwsim.spec.document import Document, parse_document
from hwsim.spec.errors import InputError, Position

_IMPORTED = " (as imported)"


def imported(text: str, path: Path) -> Document:
    """The document in ``text``, which an importer made of the file at ``path``."""
    return parse_document(text, f"{path}{_IMPORTED}")


def original_file(file: str) -> Path:
    """The file that a document called ``file`` was made of: another tool's, or the document's own."""
    return Path(file.removesuffix(_IMPORTED))


@contextmanager
def errors_in_the_original() -> Iterator[None]:
    """Move an error in a document that was imported to the file that it was made of."""
    try:
        yield
    except InputError as error:
        if error.position is None or not error.position.file.endswith(_IMPORTED):
            raise
        original = Position(error.position.file.removesuffix(_IMPORTED))
        raise InputError(error.message, original, error.hint) from error
