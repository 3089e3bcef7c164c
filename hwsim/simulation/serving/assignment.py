"""Which channel a request lives in."""

from __future__ import annotations

from collections.abc import Sequence

Channels = tuple[tuple[int, ...], ...]
"""For each channel the tokens of its requests."""


def round_robin(loads: Sequence[float], channels: int, first: int = 0) -> list[int]:
    """The channels of requests in turns, from ``first`` on."""
    return [(first + number) % channels for number in range(len(loads))]


def least_load(loads: Sequence[float], channels: int, begun: Sequence[float] | None = None) -> list[int]:
    """The channels of requests, longest first to the one with the least to do; ``begun`` is what each has
    already.
    """
    total = list(begun) if begun is not None else [0.0] * channels
    chosen = [0] * len(loads)
    for number in sorted(range(len(loads)), key=lambda each: (-loads[each], each)):
        chosen[number] = min(range(channels), key=lambda channel: (total[channel], channel))
        total[chosen[number]] += loads[number]
    return chosen


def grouped(lengths: Sequence[int], chosen: Sequence[int], channels: int) -> Channels:
    """The lengths in each channel, longest first."""
    found: list[list[int]] = [[] for _ in range(channels)]
    for length, channel in zip(lengths, chosen, strict=True):
        found[channel].append(length)
    return tuple(tuple(sorted(each, reverse=True)) for each in found)


def imbalance(loads: Sequence[float], chosen: Sequence[int], channels: int) -> float:
    """The largest load of a channel over their mean; 1 where there is none."""
    total = [0.0] * channels
    for load, channel in zip(loads, chosen, strict=True):
        total[channel] += load
    return max(total) * channels / sum(total) if sum(total) else 1.0


def halves(channels: Channels) -> tuple[Channels, Channels]:
    """Two sub-batches of like size: in each channel every other request, odd ones to either side in turns."""
    first, second = [], []
    turned = False
    for lengths in channels:
        one, other = lengths[0::2], lengths[1::2]
        first.append(other if turned else one)
        second.append(one if turned else other)
        turned ^= len(lengths) % 2 == 1
    return tuple(first), tuple(second)


def count(channels: Channels) -> int:
    """Requests in all channels."""
    return sum(len(each) for each in channels)
