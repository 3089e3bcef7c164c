"""The numbers of a PIM machine as one record for the compiled core."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwsim.engines.dram.device import Device
from hwsim.engines.dram.kernel.rows import OPEN_ROW, PIM_ROW
from hwsim.engines.dram.timing import Timing
from hwsim.engines.pim.machine import PimController
from hwsim.spec.errors import InputError

PimSetup = Any
"""A record of :data:`PIM_SETUP`."""
_NUMBERS = (
    *("two_buffers", "row_of", "least_slack", "pipeline_steps", "transactions", "queued"),
    *("load_cycles", "step_cycles", "column_long", "close_cycles", "open_cycles", "column_cycles"),
    *("window_cycles", "read_cycles"),
)
PIM_SETUP = np.dtype([(name, np.int64) for name in _NUMBERS])
"""``row_of`` is the row of the banks' table with the row open for PIM; ``*_cycles`` are times of the device:
of a load, from one column step to the next (``column_long`` in one bank group), from reading to closing
(``close_cycles``), closing to opening, opening to columns, of the window of openings, and of a read-out.
"""


def pim_setup(device: Device, timing: Timing, controller: PimController) -> PimSetup:
    """The record of a machine.

    Raises:
        InputError: the machine has neither one nor two row buffers, or its device has no PIM commands.
    """
    if controller.row_buffers not in (1, 2):
        raise InputError(f"row_buffers must be 1 or 2, got {controller.row_buffers}")
    if device.standard.doing("pim_open") is None:
        raise InputError(f"{device.name} has no PIM commands", hint="take hbm2_newton or hbm2_neupims")
    cycles, burst = timing.cycles, device.organization.burst_cycles
    values = {
        "two_buffers": controller.row_buffers == 2,
        "row_of": PIM_ROW if controller.row_buffers == 2 else OPEN_ROW,
        "least_slack": controller.least_slack,
        "pipeline_steps": controller.pipeline_steps,
        "transactions": controller.transactions,
        "queued": controller.queued,
        "load_cycles": cycles("GWRITE"),
        "step_cycles": max(burst, cycles("CCD_S")),
        "column_long": max(burst, cycles("CCD_L")),
        "close_cycles": cycles("AL") + cycles("RTP"),
        "open_cycles": cycles("RP"),
        "column_cycles": cycles("RCDRD"),
        "window_cycles": cycles("FAW"),
        "read_cycles": cycles("RL") + burst,
    }
    record = np.zeros(1, PIM_SETUP)[0]
    for name, value in values.items():
        record[name] = value
    return record
