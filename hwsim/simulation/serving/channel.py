"""One channel of a device, by simulation of its commands: reads, attention in the banks, and both at once.

Every question is simulated once and remembered; equal questions have equal answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from hwsim.engines.dram.address import address_map_of
from hwsim.engines.dram.device import Device
from hwsim.engines.dram.standard import Does
from hwsim.engines.dram.streams import Stream, stream
from hwsim.engines.pim.layout import UNIT_BYTES, Layout
from hwsim.engines.pim.machine import PimController
from hwsim.engines.pim.program import Instruction
from hwsim.engines.pim.simulate import NO_REQUESTS, PimRun, simulate_pim

PERIODS = 3
"""Refresh periods that a program is repeated over to find its steady time."""
STREAM = 8192
"""Reads that the steady rate of reading is taken from."""


@dataclass(frozen=True)
class Channel:
    """One channel; ``row_buffers`` of its banks. Compared by identity: it remembers what it was asked."""

    device: Device
    row_buffers: int

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    @property
    def clock_period(self) -> float:
        """Seconds of a cycle."""
        return self.device.file.clock_period

    @property
    def first_row(self) -> int:
        """The first row of keys and values; weights lie below."""
        return self.device.organization.rows // 2

    def run(self, program: Sequence[Instruction], reads: int, spacing: int, recorded: int = 0) -> PimRun:
        """A program beside ``reads`` in order, at least ``spacing`` / 1024 cycles apart."""
        return simulate_pim(
            self.device,
            program,
            self._stream(reads, spacing),
            PimController(row_buffers=self.row_buffers),
            recorded=recorded,
        )

    def program(self, layout: Layout, lengths: Sequence[int]) -> list[Instruction]:
        """The attention of requests of ``lengths`` tokens, one after another."""
        composite, row, end = self.row_buffers == 2, self.first_row, self.device.organization.rows
        found: list[Instruction] = []
        for tokens in lengths:
            needed = 1 + layout.rows(tokens)
            if row + needed > end:
                row = self.first_row  # begin anew: to the time it only matters which rows differ
            found += layout.program(tokens, row + 1, composite)
            row += needed
        return found

    @cached_property
    def cycles_per_read(self) -> float:
        """Cycles of a read in a long stream, rows and refresh included."""
        return (self._reading(2 * STREAM) - self._reading(STREAM)) / STREAM

    def request_cycles(self, layout: Layout, tokens: int) -> float:
        """Cycles that one request's attention takes among others, refresh included, without reads."""
        return _steady(self, layout, layout.signature(tokens))

    def slowed(self, layout: Layout, tokens: int) -> tuple[float, float]:
        """How many times as long PIM and a full stream of reads take beside each other; with one row buffer
        reads wait for PIM.
        """
        if self.row_buffers == 1:
            return 1.0, float("inf")
        return _slowed(self, layout, layout.signature(tokens))

    @property
    def inner_bytes_per_cycle(self) -> float:
        """Bytes that the units of the channel read at most: a step of all banks in the time of a column."""
        parts = self.device.organization
        return parts.banks * UNIT_BYTES / parts.burst_cycles

    def commands(self, layout: Layout, tokens: int) -> tuple[tuple[str, int], ...]:
        """PIM commands of one request's attention in one layer on one device, by name."""
        known = self.device.standard.doing
        return tuple((str(known(does)), number) for does, number in _counted(layout, tokens))

    def _reading(self, reads: int) -> int:
        """The cycle in which so many reads in order end."""
        return self.run((), reads, 0).request_last

    def _stream(self, reads: int, spacing: int) -> Stream:
        if not reads:
            return NO_REQUESTS
        found = stream("seq", reads, 0, address_map_of(self.device))
        if not spacing:
            return found
        import numpy as np

        return Stream(np.arange(reads, dtype=np.int64) * spacing // 1024, found.unit, found.is_write)


def channel_of(device: Device, row_buffers: int) -> Channel:
    """The channel of a device: one for equal devices, so that what it was asked is remembered."""
    key = (device.document.content_hash, row_buffers)
    return _CHANNELS.setdefault(key, Channel(device, row_buffers))


_CHANNELS: dict[tuple[str, int], Channel] = {}


def _tokens(layout: Layout, signature: tuple[int, int]) -> int:
    """A length of a signature: the column steps of the values say more than the tiles of the keys."""
    tiles, steps = signature
    return min(tiles * layout.geometry.banks, steps * layout.geometry.step)


@cache
def _steady(channel: Channel, layout: Layout, signature: tuple[int, int]) -> float:
    tokens = _tokens(layout, signature)
    once = channel.run(channel.program(layout, [tokens]), 0, 0).pim_last
    period = PERIODS * _refresh_period(channel)
    times = max(1, -(-period // once))
    first, second = (
        channel.run(channel.program(layout, [tokens] * many), 0, 0).pim_last for many in (times, 2 * times)
    )
    return (second - first) / times


def _counted(layout: Layout, tokens: int) -> tuple[tuple[Does, int], ...]:
    """Tokens that share a column step count alike."""
    return _counted_at(layout, -(-tokens // layout.geometry.step) * layout.geometry.step)


@cache
def _counted_at(layout: Layout, tokens: int) -> tuple[tuple[Does, int], ...]:
    program = layout.program(tokens, 1, True)
    kinds = Counter(each.kind for each in program)
    return (
        ("pim_load", kinds["load"]),
        ("pim_open", kinds["announce"] * layout.groups),
        ("pim_compute", sum(each.comps for each in program if each.kind == "composite")),
        ("pim_read_out", kinds["composite"]),
    )


@cache
def _slowed(channel: Channel, layout: Layout, signature: tuple[int, int]) -> tuple[float, float]:
    """PIM with reads for longer than it lasts; then reads that end with PIM still at work."""
    tokens = _tokens(layout, signature)
    alone = _steady(channel, layout, signature)
    times = max(2, -(-PERIODS * _refresh_period(channel) // round(alone)))
    program = channel.program(layout, [tokens] * times)
    least = channel.run(program, 0, 0).pim_last
    reads = round(2 * least / channel.cycles_per_read)
    full = channel.run(program, reads, 0)
    within = int((full.done <= full.pim_last).sum())
    return max(1.0, full.pim_last / least), max(1.0, full.pim_last / (within * channel.cycles_per_read))


def _refresh_period(channel: Channel) -> int:
    return channel.device.file.timing["REFI"]
