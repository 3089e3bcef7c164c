"""What there is to choose about a memory controller."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.engines.dram.row_policies import row_policy_called
from hwsim.spec.errors import InputError, did_you_mean

SCHEDULERS = ("fr_fcfs_hit_cap", "fr_fcfs", "fcfs")
REFRESHES = ("all_bank", "per_bank", "none")


@dataclass(frozen=True, slots=True)
class Controller:
    """The choices; the defaults are those of DRAMsim3 (commit 2981759), the reference for this engine.

    ``bank_queue`` is the depth of each bank's command queue. Writes are drained when ``write_buffer`` is full
    or holds more than ``drain_above`` with all command queues empty. Under fr_fcfs_hit_cap a row that has
    served ``hit_cap`` column commands may be closed though more wait for it.
    """

    scheduler: str = "fr_fcfs_hit_cap"
    row_policy: str = "open_page"
    refresh: str = "all_bank"
    read_queue: int = 32
    write_buffer: int = 32
    bank_queue: int = 8
    drain_above: int = 8
    hit_cap: int = 4

    def checked(self) -> Controller:
        """Itself.

        Raises:
            InputError: a name nobody knows, or a queue without room.
        """
        if self.scheduler not in SCHEDULERS:
            hint = did_you_mean(self.scheduler, SCHEDULERS)
            raise InputError(f"there is no scheduler {self.scheduler!r}", hint=hint)
        row_policy_called(self.row_policy)
        if self.refresh not in REFRESHES:
            hint = did_you_mean(self.refresh, REFRESHES)
            raise InputError(f"there is no refresh {self.refresh!r}", hint=hint)
        for name in ("read_queue", "write_buffer", "bank_queue", "hit_cap"):
            if not 1 <= getattr(self, name) <= 4096:
                raise InputError(f"{name} must be from 1 to 4096, got {getattr(self, name)}")
        return self
