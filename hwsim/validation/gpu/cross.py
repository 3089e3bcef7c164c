"""Out-of-sample errors: fitted without a GPU, or without some shapes, and asked about them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from hwsim.engines.gpu.calls import by_family
from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.parameters import shipped
from hwsim.validation.gpu.columns import kernels_of
from hwsim.validation.gpu.fit import fit
from hwsim.validation.gpu.machines import datasheets
from hwsim.validation.gpu.table import Measured

FOLDS = 4
"""Groups of shapes, each left out once."""
LEAST_ROWS = 12
"""Fewer rows of a family than this are not split."""
ITERATIONS = 12

Split = Callable[[Measured], str]


def chip_of(row: Measured) -> str:
    """The GPU of a row, whatever the table calls it: the groups of leave-one-GPU-out."""
    return datasheets()[row.gpu].name


def shape_of(row: Measured) -> str:
    """The fold of a row's shape: all rows of a shape, on whatever GPU, are in one."""
    shape = [row.record.text_of(name) for name in row.family.shape]
    return str(zlib.crc32("/".join([row.family.name, *shape]).encode()) % FOLDS)


def held_out(rows: Sequence[Measured], split: Split) -> Array:
    """Seconds of each row with parameters fitted to the rows of all other groups of its family.

    Those of families that borrow their parameters, which were fitted to none of them. NaN where neither is
    possible: one group only, too few rows, no latency.
    """
    found = np.full(len(rows), np.nan)
    for places in by_family([row.call for row in rows]).values():
        known = [place for place in places if rows[place].seconds is not None]
        chosen = [rows[place] for place in known]
        if chosen and chosen[0].family.borrows:
            found[known] = chosen[0].family.estimate(kernels_of(chosen))
        elif len(chosen) >= LEAST_ROWS and len({split(row) for row in chosen}) > 1:
            found[known] = _family(chosen, np.array([split(row) for row in chosen]))
    return found


def _family(rows: Sequence[Measured], groups: npt.NDArray[np.str_]) -> Array:
    family = rows[0].family
    found = np.zeros(len(rows))
    for group in np.unique(groups):
        inside = np.flatnonzero(groups == group).tolist()
        others = [rows[place] for place in np.flatnonzero(groups != group).tolist()]
        values = fitted(others, ITERATIONS)
        found[inside] = family.launched(kernels_of([rows[place] for place in inside]), values)
    return found


def fitted(rows: Sequence[Measured], iterations: int) -> dict[str, float]:
    """The parameters of a family that fit its rows, which all have a latency."""
    family, kernels = rows[0].family, kernels_of(rows)
    seconds = np.array([row.seconds for row in rows], dtype=float)
    return fit(
        lambda values: family.launched(kernels, values), seconds, shipped().families[family.name], iterations
    )
