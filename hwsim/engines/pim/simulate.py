"""A run of a PIM program beside normal requests: a device, its controllers, a program and a stream in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hwsim.engines.dram.address import Numbers
from hwsim.engines.dram.controller import Controller
from hwsim.engines.dram.device import Device
from hwsim.engines.dram.kernel import rows
from hwsim.engines.dram.kernel.setup import tables_of
from hwsim.engines.dram.simulate import requests_of
from hwsim.engines.dram.streams import Stream
from hwsim.engines.dram.timing import timing_of
from hwsim.engines.pim.kernel import rows as places
from hwsim.engines.pim.kernel.channel import run
from hwsim.engines.pim.kernel.setup import pim_setup
from hwsim.engines.pim.machine import PimController
from hwsim.engines.pim.program import Instruction, table_of
from hwsim.spec.errors import InputError

NORMAL = Controller(bank_queue=128)
"""For normal requests: NewtonSim (commit f299af3) keeps 128 commands a bank, else as DRAMsim3."""
NO_REQUESTS = Stream(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_))


@dataclass(frozen=True, slots=True)
class PimRun:
    """What a run found: the cycles in which the last of each completes (0 where there was none), and counts.

    ``trace`` as in :class:`hwsim.engines.dram.simulate.DramRun`.
    """

    device: Device
    pim_last: int
    request_last: int
    done: Numbers
    commands: dict[str, int]
    trace: Numbers

    @property
    def last(self) -> int:
        """The cycle in which the last of both completes."""
        return max(self.pim_last, self.request_last)


def simulate_pim(
    device: Device,
    program: Sequence[Instruction],
    stream: Stream = NO_REQUESTS,
    controller: PimController | None = None,
    *,
    recorded: int = 0,
) -> PimRun:
    """Run ``program`` and ``stream`` on one channel of ``device``.

    Raises:
        InputError: the device has several channels or no PIM commands, or the program is at fault.
    """
    if device.organization.channels != 1:
        raise InputError(f"{device.name} has {device.organization.channels} channels: take one at a time")
    timing, table = timing_of(device), table_of(program)
    pim = pim_setup(device, timing, controller or PimController())
    tables = tables_of(device, timing, NORMAL)
    requests, progress = requests_of(device, stream), np.zeros(places.PLACES, np.int64)
    progress[places.TILE_ROW] = -1
    trace = np.zeros((recorded, rows.TRACE_COLUMNS), np.int64)
    run(tables.setup, pim, tables.banks, tables.channels, requests, table, progress, trace)
    counts = tables.channels[int(tables.setup["counts"]) : int(tables.setup["reading"]), 0].tolist()
    read_out = int(progress[places.LAST_READ_OUT]) + int(pim["read_cycles"])
    return PimRun(
        device=device,
        pim_last=read_out if len(program) else 0,
        request_last=int(requests[rows.DONE].max(initial=0)),
        done=requests[rows.DONE],
        commands=dict(zip(device.standard.commands, counts, strict=True)),
        trace=trace[: int(tables.channels[rows.RECORDED, 0])],
    )
