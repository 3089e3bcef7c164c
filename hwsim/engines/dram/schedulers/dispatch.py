"""The scheduler of a run by its number: compiled code cannot be handed a function and stay in the cache."""

from __future__ import annotations

from typing import Any

from hwsim.engines.dram.controller import SCHEDULERS
from hwsim.engines.dram.kernel.compiled import compiled
from hwsim.engines.dram.kernel.rows import Ints
from hwsim.engines.dram.kernel.setup import Setup
from hwsim.engines.dram.schedulers import fcfs, fr_fcfs, fr_fcfs_hit_cap

_FR_FCFS_HIT_CAP = SCHEDULERS.index("fr_fcfs_hit_cap")
_FR_FCFS = SCHEDULERS.index("fr_fcfs")
_hit_cap, _plain, _in_order = fr_fcfs_hit_cap.pick, fr_fcfs.pick, fcfs.pick


@compiled
def pick(setup: Setup, banks: Ints, channels: Ints, channel: int, cycle: int) -> Any:
    """The next command of a channel by the run's scheduler."""
    if setup.scheduler == _FR_FCFS_HIT_CAP:
        return _hit_cap(setup, banks, channels, channel, cycle)
    if setup.scheduler == _FR_FCFS:
        return _plain(setup, banks, channels, channel, cycle)
    return _in_order(setup, banks, channels, channel, cycle)
