"""The first line of a SCALE-Sim topology: which column holds what."""

from __future__ import annotations

from collections.abc import Mapping

from hwsim.spec.errors import InputError, Position, did_you_mean

CONVOLUTION = (
    "IFMAP height",
    "IFMAP width",
    "filter height",
    "filter width",
    "channels",
    "filters",
    "stride",
)
PRODUCT = ("M", "N", "K")
_LAYER = ("layer", "layer name", "name")
_COLUMNS = {
    **{name.casefold(): name for name in (*PRODUCT, *CONVOLUTION)},
    **dict.fromkeys(("num filter", "num filters"), "filters"),
    "strides": "stride",
    "sparsity": "sparsity",
    "batch": "batch",
}


def read_header(line: str, file: str) -> dict[str, int]:
    """The index of each column that the header ``line`` names; what it does not name goes by place.

    Raises:
        InputError: a name that means nothing, one that comes twice, or only some of those of a kind of layer.
    """
    places: dict[str, int] = {}
    offset = 0
    for index, field in enumerate(line.split(",")):
        here = Position(file, 1, offset + len(field) - len(field.lstrip()) + 1, line)
        offset += len(field) + 1
        name = " ".join(field.replace("_", " ").split()).casefold()
        if index and name:
            column = _column(name, field.strip(), here)
            if places.setdefault(column, index) != index:
                raise InputError(f"the header names {column} twice", here)
        elif name and name not in _LAYER:
            hint = "the first line is 'Layer, M, N, K' or names the sizes of a convolution"
            raise InputError(f"{field.strip()!r} is not the heading of the layers' names", here, hint)
    _refuse_some(places, Position(file, 1, 1, line))
    return places


def _column(name: str, written: str, here: Position) -> str:
    if name not in _COLUMNS:
        raise InputError(f"unknown column {written!r}", here, did_you_mean(name, _COLUMNS))
    return _COLUMNS[name]


def _refuse_some(places: Mapping[str, int], here: Position) -> None:
    for columns in (PRODUCT, CONVOLUTION):
        missing = [column for column in columns if column not in places]
        if missing and len(missing) < len(columns):
            raise InputError(f"the header does not name {', '.join(missing)}", here)
