"""A channel of a stack that spreads the heads of attention over its channels (AttAcc), by simulation.

A device's channels all do the same: heads of every request are dealt to them, two under way in each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hwsim.engines.dram.device import Device
from hwsim.engines.dram.simulate import simulate
from hwsim.engines.dram.timing import timing_of
from hwsim.engines.pim.attention import Attention, Stack, Unit, work_of
from hwsim.engines.pim.layout import UNIT_BYTES, Layout
from hwsim.engines.pim.stack import simulate_stack
from hwsim.simulation.serving.channel import Channel

ROUNDS = 8
"""Heads of a channel that the steady time of one is taken from."""
ELEMENT_BYTES = 2
"""Bytes of an element of the cache."""


@dataclass(frozen=True, eq=False)
class StackChannel(Channel):
    """One channel; ``channels`` of a device share the heads of every request."""

    unit: Unit
    channels: int

    @property
    def inner_bytes_per_cycle(self) -> float:
        """Bytes that the units of the channel read at most: a step of all of them as often as may be."""
        tokens, parts = Stack().across(self.unit)
        name = str(self.device.standard.doing("pim_compute"))
        timing = timing_of(self.device)
        apart = max(timing.between(scope, name, name) for scope in ("bank", "channel"))
        return tokens * parts * UNIT_BYTES / max(1, apart)

    def request_cycles(self, layout: Layout, tokens: int) -> float:
        """Cycles of each channel for one request among others, its heads spread over all of them."""
        heads = layout.heads.kv_heads * layout.heads.group
        return heads * _head_cycles(self, layout.heads.width, tokens) / self.channels

    def slowed(self, layout: Layout, tokens: int) -> tuple[float, float]:
        """Reads wait for PIM: banks have one row buffer."""
        del layout, tokens
        return 1.0, float("inf")

    def commands(self, layout: Layout, tokens: int) -> tuple[tuple[str, int], ...]:
        """PIM commands of one request's attention in one layer on one device, by name."""
        heads = layout.heads.kv_heads * layout.heads.group
        stack = Stack()
        work = work_of(Attention(tokens, 1, layout.heads.width, ELEMENT_BYTES), self.unit, stack)
        known, rows = self.device.standard.doing, -(-work.steps // stack.row_columns)
        return (
            (str(known("pim_compute")), 2 * work.steps * heads),
            (str(known("pim_load")), work.writes * heads),
            (str(known("pim_move_in")), work.moves_in * heads),
            (str(known("pim_move_out")), sum(work.moves_out) * heads),
            (str(known("open")), 2 * rows * heads),
        )

    def _reading(self, reads: int) -> int:
        return simulate(self.device, self._stream(reads, 0)).last_completion


def stack_channel_of(device: Device, unit: Unit, channels: int) -> StackChannel:
    """The channel of a device: one for equal devices, so that what it was asked is remembered."""
    key = (device.document.content_hash, unit, channels)
    return _CHANNELS.setdefault(key, StackChannel(device, 1, unit, channels))


_CHANNELS: dict[tuple[str, Unit, int], StackChannel] = {}


@cache
def _head_cycles(channel: StackChannel, width: int, tokens: int) -> float:
    """Cycles of one head among others in a channel, softmax and moves hidden as far as they can be."""
    stack = Stack()
    first, second = (
        simulate_stack(
            channel.device,
            Attention(tokens, many * stack.channels, width, ELEMENT_BYTES),
            channel.unit,
            stack,
        ).cycles
        for many in (ROUNDS, 2 * ROUNDS)
    )
    return (second - first) / ROUNDS
