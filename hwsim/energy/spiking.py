"""The energy of a run on neuromorphic cores, time step by time step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hwsim.arch.machine import Arch
from hwsim.arch.technology import Technology
from hwsim.energy.price import action_price

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hwsim.engines.neuromorphic.counts import Counts

    Floats = NDArray[np.float64]


def energy_by_bucket(counts: Counts, arch: Arch, technology: Technology) -> Mapping[str, Floats]:
    """Joules of each row of ``counts``, by bucket (synapse, dendrite, soma, axon_in, axon_out, hop).

    Raises:
        InputError: an action that happened has no price.
    """
    import numpy as np

    found: dict[str, Floats] = {}
    for place, kind in enumerate(counts.kinds):
        column = counts.table[:, place]
        joules = found.setdefault(kind.bucket, np.zeros(len(column)))
        if column.any():
            joules += column * action_price(arch.find(kind.component), kind.action, technology).value
    return found
