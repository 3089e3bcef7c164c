"""The numbers of a PIM machine that are no times of its device."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PimController:
    """Source of the defaults: NeuPIMs' NewtonSim (commit f299af3), command queue and controller.

    ``row_buffers``: two a bank, one for PIM, or one for both. With two, normal commands use the cycles in
    which PIM has none ready while at least ``least_slack`` cycles are to spare before the next refresh. The
    unit takes ``pipeline_steps`` column steps at least. PIM instructions wait in a queue of ``transactions``
    and move on while fewer than ``queued`` are in the command queue, or when there are no reads to move.
    """

    row_buffers: int = 2
    least_slack: int = 10
    pipeline_steps: int = 6
    transactions: int = 32
    queued: int = 2
