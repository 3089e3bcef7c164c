"""Plain FR-FCFS: column commands before row commands, of either the one for the oldest request.

A row is closed only when no waiting command hits it: a stream of hits may keep another row waiting for ever.
"""

from __future__ import annotations

from typing import Any

from hwsim.engines.dram.kernel.compiled import compiled
from hwsim.engines.dram.kernel.issue import ready_at
from hwsim.engines.dram.kernel.rows import NEVER, WAKE, Ints
from hwsim.engines.dram.kernel.setup import Setup
from hwsim.engines.dram.schedulers.fr_fcfs_hit_cap import first_ready
from hwsim.engines.dram.schedulers.frozen import frozen


@compiled
def pick(setup: Setup, banks: Ints, channels: Ints, channel: int, cycle: int) -> Any:
    """The next command of a channel, see the package."""
    ice, ice_end = frozen(setup, channels, channel)
    wake, oldest, column = NEVER, NEVER, False
    chosen, chosen_command, chosen_place = -1, -1, -1
    for bank in range(channel * setup.banks, (channel + 1) * setup.banks):
        if ice <= bank < ice_end:
            continue
        if banks[WAKE, bank] <= cycle:
            banks[WAKE, bank] = ready_at(setup, banks, bank)
        wake = min(wake, banks[WAKE, bank])
        if banks[WAKE, bank] > cycle:
            continue
        command, place = first_ready(setup, banks, bank, cycle)
        request = banks[setup.queue + place, bank]
        is_column = setup.is_column[command] == 1
        if (is_column and not column) or (is_column == column and request < oldest):
            chosen, chosen_command, chosen_place = bank, command, place
            column, oldest = is_column, request
    return chosen, chosen_command, chosen_place, wake
