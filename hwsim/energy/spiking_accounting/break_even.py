"""At which spike rate a network whose energy grows with it costs as much as another."""

from __future__ import annotations

from collections.abc import Callable

LEAST, MOST = 1e-6, 0.999
"""Rates that are looked at: at 1 an input would no longer be spikes."""
HALVINGS = 40


def break_even(energy: Callable[[float], float], against: float) -> float | None:
    """The largest rate in ``LEAST`` to ``MOST`` at which ``energy`` is not above ``against``; None without.

    ``energy`` must not fall with the rate.
    """
    if energy(LEAST) > against:
        return None
    if energy(MOST) <= against:
        return MOST
    low, high = LEAST, MOST
    for _ in range(HALVINGS):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if energy(middle) <= against else (low, middle)
    return low
