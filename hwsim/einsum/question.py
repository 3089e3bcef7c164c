"""A question about a cascade as a user puts it: names and texts in, the answer as plain data out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hwsim.einsum.answer import cascade_answer
from hwsim.einsum.read import cascade_in
from hwsim.einsum.sizes import parse_sizes
from hwsim.spec.amount import parse_whole
from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError
from hwsim.spec.library import find
from hwsim.spec.units import SIZE


def ask(
    file: str, shape: Iterable[str], tile: Iterable[str], buffer: str | None, datatype: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs with their hashes, and the answer (see ``cascade_answer``).

    Args:
        file: a path or a name of the library.
        shape: sizes of ranks and families, each ``RANK=NUMBER``.
        tile: coordinates of a rank processed at once, in the same form.
        buffer: bytes of the buffer with their unit, None for no limit.
        datatype: of every tensor.

    Raises:
        InputError: anything the user wrote is at fault.
    """
    document = load_document(find("cascade", file))
    cascade = cascade_in(document)
    sizes, tiles = parse_sizes(shape), parse_sizes(tile)
    if not sizes and (tiles or buffer):
        raise InputError("--buffer and --tile need the sizes of the ranks", hint="add --shape RANK=SIZE ...")
    capacity = None if buffer is None else parse_whole(buffer, SIZE)
    inputs = {"cascade": {"name": cascade.name, "file": document.file, "hash": document.content_hash}}
    return inputs, cascade_answer(cascade, sizes, tiles, capacity, datatype)
