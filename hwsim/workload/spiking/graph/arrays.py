"""Arrays in HDF5 files (``.nir``): whatever is wrong with a file is said of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwsim.spec.document import Document
from hwsim.spec.errors import InputError, Position
from hwsim.spec.files import read_bytes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SIGNATURE = b"\x89HDF\r\n\x1a\n"


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The HDF5 file at ``path``, an ``h5py.File``.

    Raises:
        InputError: h5py is missing, or the file is missing, no HDF5, cut short or damaged.
    """
    try:
        import h5py
    except ImportError as error:
        message = "reading .nir files needs the package h5py"
        raise InputError(message, hint="pip install 'hwsim[nir]'") from error
    content = read_bytes(path)
    if not content.startswith(_SIGNATURE):
        what = "empty" if not content else "not HDF5"
        message = f"the file is {what}, a .nir file is HDF5"
        raise InputError(message, Position(str(path)), "write it with nir.write of the package nir")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"the file is cut short or damaged: {reason}", Position(str(path)), "copy or export it again"
        ) from error


def named_arrays(document: Document, path: Path) -> Mapping[tuple[str, str], Floats]:
    """The arrays that attributes of nodes name as ``{dataset: PATH}``, by node and attribute.

    Raises:
        InputError: the file at ``path`` is at fault, or has no such array of numbers.
    """
    wanted = dict(_wanted(document))
    if not wanted:
        return {}
    with opened(path) as file:
        return {key: _numbers(document, file, key, dataset) for key, dataset in wanted.items()}


def _wanted(document: Document) -> Iterator[tuple[tuple[str, str], str]]:
    for name, node in document.value(("nodes",)).items():
        for key, value in node.items() if isinstance(node, dict) else ():
            if isinstance(value, dict):
                dataset = value.get("dataset")
                if not isinstance(dataset, str) or len(value) > 1:
                    place = document.position(("nodes", name, key))
                    raise InputError(f"node {name!r}: {key} must be numbers or {{dataset: PATH}}", place)
                yield (name, key), dataset


def _numbers(document: Document, file: Any, key: tuple[str, str], dataset: str) -> Floats:
    import numpy as np

    found = file.get(dataset)
    if found is None or not hasattr(found, "dtype") or found.dtype.kind not in "fiub":
        message = f"node {key[0]!r}: {file.filename!r} has no array of numbers {dataset!r}"
        raise InputError(message, document.position(("nodes", *key)))
    return np.asarray(found[()], dtype=np.float64)
