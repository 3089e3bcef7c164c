"""One kind of description, such as machine or workload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim.descriptions.sheet import Sheet
from hwsim.spec import library


@dataclass(frozen=True, slots=True)
class Kind:
    """How to deal with descriptions of one kind.

    Args:
        name: what commands call it.
        says: what it is, in a few words.
        read: from a file or a library name to all there is to say about it; raises InputError.
        keys: the keys at the top of its files, by which an unnamed file is recognised.
        reads_file: whether a file is of this kind by its name alone, as foreign formats are.
        shelf: the part of the library its names are on, if it has one.
        schema: the JSON Schema of its files, if an editor can use one.
        starter: the text of a commented file with a given name that is right as it is, if there is one.
    """

    name: str
    says: str
    read: Callable[[str], Sheet]
    keys: Callable[[], frozenset[str]]
    reads_file: Callable[[Path], bool] = lambda _path: False
    shelf: library.Kind | None = None
    schema: Callable[[], dict[str, Any]] | None = None
    starter: Callable[[str], str] | None = None
