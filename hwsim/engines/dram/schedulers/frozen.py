"""Which banks may not be scheduled because a refresh is waiting for them."""

from __future__ import annotations

from typing import Any

from hwsim.engines.dram.kernel.compiled import compiled
from hwsim.engines.dram.kernel.rows import REFRESHES, Ints
from hwsim.engines.dram.kernel.setup import Setup


@compiled
def frozen(setup: Setup, channels: Ints, channel: int) -> Any:
    """The first frozen bank of a channel and the first behind it, (-1, -1) where none is."""
    if channels[REFRESHES, channel] == 0:
        return -1, -1
    first = channels[setup.refreshes, channel]
    return first, first + setup.refresh_span
