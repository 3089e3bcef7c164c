"""What an iteration has to say beyond times and actions: tokens a second, how busy each side is, commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hwsim.simulation.execution import OperatorRun
from hwsim.simulation.serving.assignment import Channels, imbalance
from hwsim.simulation.serving.iteration import Iteration, Timer
from hwsim.simulation.serving.pieces import Pieces
from hwsim.simulation.serving.stages import WHOLE, Model

MOST_COMMANDS = 5000
"""Commands of a channel that are told: the first of the first stage with attention in the banks."""


def serving_tables(
    timer: Timer,
    pieces: Pieces,
    iteration: Iteration,
    model: Model,
    channels: Channels,
    runs: Sequence[OperatorRun],
    seconds: float,
) -> dict[str, Any]:
    """Totals of one iteration, and a stretch of commands of one channel.

    ``utilization``: shares of the time in which the NPU side has work, the banks have, and the data buses of
    the channels carry something.
    """
    tokens = (
        pieces.attentions[0].shape.sequences * pieces.attentions[0].shape.tokens if pieces.attentions else 0
    )
    system = timer.system
    moved = sum(run.dram_bytes for run in runs)
    return {
        "tokens": tokens,
        "tokens_per_s": tokens / seconds if seconds else 0.0,
        "devices": system.devices,
        "tensor_parallel": system.share,
        "pipeline_parallel": system.groups,
        "sub_batches": any(stage.part != WHOLE for stage in iteration.stages),
        "imbalance": _imbalance(timer, model, channels),
        "utilization": {
            "npu": min(1.0, iteration.npu / seconds) if seconds else 0.0,
            "pim": min(1.0, iteration.pim / seconds) if seconds else 0.0,
            "channels": min(1.0, moved / system.devices / system.device.peak_bandwidth / seconds)
            if seconds
            else 0.0,
        },
        "stages": _stages(iteration),
        "commands": _commands(timer, iteration, model, channels),
    }


def _imbalance(timer: Timer, model: Model, channels: Channels) -> float | None:
    if timer.in_banks is None or not model.attentions:
        return None
    shape = model.attentions[0]
    loads = [timer.load(shape, length) for each in channels for length in each]
    chosen = [number for number, each in enumerate(channels) for _ in each]
    return imbalance(loads, chosen, len(channels))


def _stages(iteration: Iteration) -> dict[str, list[Any]]:
    """Columns over the stages."""
    return {
        "segment": [stage.segment for stage in iteration.stages],
        "layer": [stage.layer for stage in iteration.stages],
        "sub_batch": [stage.part for stage in iteration.stages],
        "latency_s": [time.seconds for time in iteration.times],
        "npu_s": [time.npu for time in iteration.times],
        "pim_s": [time.pim for time in iteration.times],
    }


def _commands(timer: Timer, iteration: Iteration, model: Model, channels: Channels) -> dict[str, Any] | None:
    """The first commands of the busiest channel in the first stage with attention in the banks; None unless
    the run went command by command.
    """
    device = timer.in_banks
    place = next((number for number, stage in enumerate(iteration.stages) if stage.layer >= 0), None)
    if device is None or place is None or not timer.commands or model.attentions[0].tokens > 1:
        return None
    stage = iteration.stages[place]
    parts = timer.parts(model, channels)
    other, some = parts[stage.other]
    shape = other.attentions[stage.layer]
    busiest = max(some, key=lambda each: sum(timer.load(shape, length) for length in each))
    segment = parts[stage.part][0].segments[stage.segment] if stage.segment >= 0 else ()
    reads, spacing = timer.reads(device, timer.segment(segment))
    program = device.channel.program(device.layout(shape, timer.system.share), busiest)
    found = device.channel.run(program, reads, spacing, MOST_COMMANDS)
    names = tuple(device.channel.device.standard.commands)
    start = sum(time.seconds for time in iteration.times[:place])
    return {
        "channel": some.index(busiest),
        "start_s": start,
        "clock_period_s": device.channel.clock_period,
        "cycle": found.trace[:, 0].tolist(),
        "command": [names[number] for number in found.trace[:, 1]],
        "bank": found.trace[:, 2].tolist(),
        "row": found.trace[:, 3].tolist(),
    }
