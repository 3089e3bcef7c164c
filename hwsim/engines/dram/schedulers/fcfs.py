"""FCFS: the commands that the oldest of the requests at the heads of the bank queues needs, and no others."""

from __future__ import annotations

from typing import Any

from hwsim.engines.dram.kernel.compiled import compiled
from hwsim.engines.dram.kernel.rows import HIT_READ, HIT_WRITE, LENGTH, NEVER, OPEN_ROW, Ints
from hwsim.engines.dram.kernel.setup import Setup
from hwsim.engines.dram.schedulers.frozen import frozen


@compiled
def pick(setup: Setup, banks: Ints, channels: Ints, channel: int, cycle: int) -> Any:
    """The next command of a channel, see the package."""
    ice, ice_end = frozen(setup, channels, channel)
    oldest, chosen = NEVER, -1
    for bank in range(channel * setup.banks, (channel + 1) * setup.banks):
        if banks[LENGTH, bank] > 0 and banks[setup.queue, bank] < oldest:
            oldest, chosen = banks[setup.queue, bank], bank
    if chosen < 0 or ice <= chosen < ice_end:
        return -1, -1, -1, NEVER
    command = setup.close
    if banks[OPEN_ROW, chosen] < 0:
        command = setup.open
    elif banks[HIT_READ, chosen] == 0:
        command = setup.read
    elif banks[HIT_WRITE, chosen] == 0:
        command = setup.write
    wake = banks[setup.earliest + command, chosen]
    if wake > cycle:
        return -1, -1, -1, wake
    return chosen, command, 0, cycle
