"""From measured rows to the columns the kernel models work on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from hwsim.engines.gpu.bounds import least_seconds, roofline
from hwsim.engines.gpu.calls import by_family, columns
from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.families import Family
from hwsim.engines.gpu.kernels import Kernels
from hwsim.validation.gpu.machines import datasheets
from hwsim.validation.gpu.table import Measured


def kernels_of(rows: Sequence[Measured]) -> Kernels:
    """The columns of rows of one family, each on its own GPU."""
    return columns([row.call for row in rows], [datasheets()[row.gpu] for row in rows])


def estimates(rows: Sequence[Measured]) -> Array:
    """Seconds of each row with the parameters in the package."""
    return _each_family(rows, lambda family, kernels: family.estimate(kernels))


def rooflines(rows: Sequence[Measured]) -> Array:
    """Seconds of each row by the roofline alone."""
    return _each_family(rows, lambda family, kernels: roofline(kernels, family.work(kernels)))


def least(rows: Sequence[Measured]) -> Array:
    """Seconds below which no run of each row can be."""
    return _each_family(rows, lambda family, kernels: least_seconds(kernels, family.work(kernels)))


def _each_family(rows: Sequence[Measured], seconds: Callable[[Family, Kernels], Array]) -> Array:
    found = np.zeros(len(rows))
    for places in by_family([row.call for row in rows]).values():
        chosen = [rows[place] for place in places]
        found[places] = seconds(chosen[0].family, kernels_of(chosen))
    return found
