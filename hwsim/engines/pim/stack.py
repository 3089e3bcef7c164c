"""Attention inside one stack, command by command: a channel's heads as streams, run on its device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsim.engines.dram.address import Numbers
from hwsim.engines.dram.controller import Controller
from hwsim.engines.dram.device import Device, device_of
from hwsim.engines.dram.kernel import rows
from hwsim.engines.dram.kernel.rows import Ints
from hwsim.engines.dram.kernel.setup import tables_of
from hwsim.engines.dram.timing import timing_of
from hwsim.engines.pim.attention import UNDER_WAY, Attention, Stack, Unit, Work, segments, work_of
from hwsim.engines.pim.kernel import sequence
from hwsim.engines.pim.kernel.sequence import (
    COMPUTE,
    END,
    INSTRUCTION_ROWS,
    MOVE_IN,
    MOVE_OUT,
    PROGRESS_ROWS,
    SOFTMAX,
    WRITE_BUFFER,
)
from hwsim.spec.errors import InputError

UNLIMITED = "_unlimited"
"""Ends the name of a time that holds without a limit of power."""
Line = tuple[int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class StackRun:
    """The busiest channel of a stack: the cycle in which it is done, its commands, and its trace."""

    device: Device
    cycles: int
    commands: dict[str, int]
    trace: Numbers

    @property
    def latency_s(self) -> float:
        """Seconds."""
        return self.cycles * self.device.file.clock_period


def without_power_limit(device: Device) -> Device:
    """The device with every time ``X`` for which it also gives ``X_unlimited`` at that value."""
    document = device.document
    for name in device.file.timing:
        if name.endswith(UNLIMITED):
            limited = f"timing.{name.removesuffix(UNLIMITED)}"
            document = document.with_override(limited, str(device.file.timing[name]), limited)
    return device_of(document)


def simulate_stack(
    device: Device,
    attention: Attention,
    unit: Unit,
    stack: Stack | None = None,
    *,
    repeated_last_round: bool = False,
    recorded: int = 0,
) -> StackRun:
    """Run the heads of the channel that has most of them; the others do the same or less at the same time.

    ``repeated_last_round``: as AttAcc's trace generator does: after an odd number of rounds, a last round
    that is not full does its softmax and the moves before the context once more for each block of tokens.

    Raises:
        InputError: the device has no commands for PIM in a stack.
    """
    if device.standard.doing("pim_softmax") is None or device.standard.doing("pim_compute") is None:
        raise InputError(
            f"{device.name} has no commands for attention in a stack", hint="take hbm3_attacc_bank"
        )
    stack = stack or Stack()
    timing = timing_of(device)
    tables = tables_of(device, timing, Controller(refresh="none"))
    streams, ends = _streams(attention, unit, stack, repeated_last_round)
    progress = np.zeros((len(streams), PROGRESS_ROWS), np.int64)
    progress[:, END] = ends
    trace = np.zeros((recorded, rows.TRACE_COLUMNS), np.int64)
    last = sequence.run(
        tables.setup,
        tables.banks,
        tables.channels,
        streams,
        progress,
        trace,
        timing.cycles("REFI"),
        timing.cycles("SFM"),
    )
    counts = tables.channels[int(tables.setup["counts"]) : int(tables.setup["reading"]), 0].tolist()
    return StackRun(
        device=device,
        cycles=int(last) + timing.cycles("RL") + device.organization.burst_cycles,
        commands=dict(zip(device.standard.commands, counts, strict=True)),
        trace=trace[: int(tables.channels[rows.RECORDED, 0])],
    )


def _streams(attention: Attention, unit: Unit, stack: Stack, repeated: bool) -> tuple[Ints, list[int]]:
    """The heads of one channel dealt to as many streams as are under way, and the length of each."""
    work = work_of(attention, unit, stack)
    rounds = -(-attention.heads // stack.channels)
    odd = bool(rounds % 2 and attention.heads % stack.channels and repeated)
    per_product = len(list(segments(work.steps, 0, unit, stack)))
    dealt: list[list[Line]] = [[] for _ in range(UNDER_WAY)]
    for head in range(rounds):
        again = work.blocks if odd and head == rounds - 1 else 0
        dealt[head % UNDER_WAY] += _head(work, 2 * head * per_product, per_product, unit, stack, again)
    ends = [len(lines) for lines in dealt]
    streams = np.zeros((UNDER_WAY, INSTRUCTION_ROWS, max(1, *ends)), np.int64)
    for number, lines in enumerate(dealt):
        if lines:
            streams[number, :, : len(lines)] = np.array(lines, np.int64).T
    return streams, ends


def _head(work: Work, row: int, rows_each: int, unit: Unit, stack: Stack, again: int) -> list[Line]:
    """Query in, scores, results out, softmax, scores in, context, results out."""
    lines = [_plain(WRITE_BUFFER, work.writes), *_product(work.steps, row, unit, stack)]
    lines.append(_plain(MOVE_OUT, work.moves_out[0]))
    for _ in range(1 + again):
        lines += [_plain(SOFTMAX, 1), _plain(MOVE_IN, work.moves_in)]
    lines += _product(work.steps, row + rows_each, unit, stack)
    return [*lines, _plain(MOVE_OUT, work.moves_out[1])]


def _plain(kind: int, count: int) -> Line:
    return (kind, 0, 0, 1, -1, count, 0)


def _product(steps: int, row: int, unit: Unit, stack: Stack) -> list[Line]:
    return [
        (COMPUTE, each.bank, each.stride, each.banks, each.row, each.steps, int(each.last))
        for each in segments(steps, row, unit, stack)
    ]
