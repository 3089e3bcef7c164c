"""An iteration of a language model on devices that share it, as a result document has it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hwsim.report.parts import Count, Fraction, Number, Part


class Busy(Part):
    """Shares of the time in which the NPU side and the banks have work, and the channels carry data."""

    npu: Fraction
    pim: Fraction
    channels: Fraction


class Commands(Part):
    """The first commands of one channel of DRAM: columns with a line a command."""

    channel: Count
    start_s: Number
    clock_period_s: Number
    cycle: Annotated[tuple[int, ...], Field(strict=False)]
    command: Annotated[tuple[str, ...], Field(strict=False)]
    bank: Annotated[tuple[int, ...], Field(strict=False)]
    row: Annotated[tuple[int, ...], Field(strict=False)]


class Serving(Part):
    """Tokens of the iteration and a second, how the devices share the work, how busy they are."""

    tokens: Count
    tokens_per_s: Number
    devices: Count
    tensor_parallel: Count
    pipeline_parallel: Count
    sub_batches: bool
    imbalance: Number | None = None
    utilization: Busy
    commands: Commands | None = None
