"""From measured rows to the columns the kernel models work on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwsim.engines.gpu.bounds import least_seconds, roofline
from hwsim.engines.gpu.devices import Array, Devices
from hwsim.engines.gpu.kernels import Kernels
from hwsim.validation.gpu.machines import datasheets
from hwsim.validation.gpu.table import Measured, by_family


def kernels_of(rows: Sequence[Measured]) -> Kernels:
    """The columns of rows of one family."""
    family = rows[0].family
    names = sorted({row.gpu for row in rows})
    place = {name: index for index, name in enumerate(names)}
    index = np.array([place[row.gpu] for row in rows], dtype=np.intp)
    counts = [name for name in family.dimensions if name not in family.words]
    return Kernels(
        devices=Devices.of([datasheets()[name] for name in names], index),
        operators=np.array([row.operator for row in rows]),
        datatypes=np.array([row.datatype for row in rows]),
        sizes={name: np.array([row.sizes[name] for row in rows]) for name in counts},
        words={name: np.array([row.words[name] for row in rows]) for name in family.words},
        host=np.array([row.host for row in rows]),
        cold=np.array([row.cold for row in rows]),
        software=np.array([row.software for row in rows]),
    )


def estimates(rows: Sequence[Measured]) -> Array:
    """Seconds of each row with the parameters in the package."""
    found = np.zeros(len(rows))
    for places in by_family(rows).values():
        chosen = [rows[place] for place in places]
        found[places] = chosen[0].family.estimate(kernels_of(chosen))
    return found


def rooflines(rows: Sequence[Measured]) -> Array:
    """Seconds of each row by the roofline alone."""
    found = np.zeros(len(rows))
    for places in by_family(rows).values():
        kernels = kernels_of([rows[place] for place in places])
        found[places] = roofline(kernels, rows[places[0]].family.work(kernels))
    return found


def least(rows: Sequence[Measured]) -> Array:
    """Seconds below which no run of each row can be."""
    found = np.zeros(len(rows))
    for places in by_family(rows).values():
        kernels = kernels_of([rows[place] for place in places])
        found[places] = least_seconds(kernels, rows[places[0]].family.work(kernels))
    return found
