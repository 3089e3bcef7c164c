"""From measured kernels to the error bands that stand beside the estimates of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hwsim.engines.gpu.bands import SIZES, KernelBand, KernelBands, size_of
from hwsim.engines.gpu.devices import Array
from hwsim.spec.files import write_atomically
from hwsim.validation.gpu.columns import estimates
from hwsim.validation.gpu.cross import chip_of, held_out, shape_of
from hwsim.validation.gpu.table import Measured

LEAST = 5
"""Kernels a band needs."""
HEAD = "# Written by hwsim calibrate --bands: out-of-sample errors of measured kernels.\n"


def bands_of(rows: Sequence[Measured]) -> KernelBands:
    """The bands that follow from measured rows, all with a latency."""
    measured = np.array([row.seconds for row in rows], dtype=float)
    shapes = np.abs(held_out(rows, shape_of) / measured - 1.0)
    unseen = np.abs(held_out(rows, chip_of) / measured - 1.0)
    sizes = [size_of(float(seconds)) for seconds in estimates(rows)]
    groups: dict[tuple[str, str, str], list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault((row.family.name, row.call.datatype, sizes[place]), []).append(place)
    bands = [
        _band(key, places, shapes, unseen)
        for key, places in sorted(groups.items(), key=_order)
        if len(places) >= LEAST
    ]
    boards: dict[str, list[str]] = {}
    for family, board in sorted({(row.family.name, chip_of(row)) for row in rows}):
        boards.setdefault(family, []).append(board)
    return KernelBands(boards=boards, bands=bands)


def write_bands(path: Path, bands: KernelBands) -> None:
    """Write the bands as YAML.

    Raises:
        InputError: the file cannot be written.
    """
    import yaml

    text = yaml.safe_dump(bands.model_dump(), sort_keys=False, width=110, default_flow_style=None)
    write_atomically(path, HEAD + text)


def _order(item: tuple[tuple[str, str, str], list[int]]) -> tuple[str, str, int]:
    (family, datatype, size), _ = item
    return family, datatype, SIZES.index(size)


def _band(key: tuple[str, str, str], places: list[int], shapes: Array, unseen: Array) -> KernelBand:
    family, datatype, size = key
    return KernelBand(
        family=family,
        datatype=datatype,
        size=size,
        cases=len(places),
        median=_quantile(shapes[places], 0.5),
        ninth=_quantile(shapes[places], 0.9),
        ninth_unseen=_quantile(unseen[places], 0.9),
    )


def _quantile(errors: Array, share: float) -> float:
    return round(float(np.nanquantile(errors, share)), 4)
