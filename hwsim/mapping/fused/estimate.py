"""One attention layer in one configuration: latency, traffic, utilisation and action counts.

``fidelity: analytical``: closed forms; DRAM and both arrays work beside each other within a phase.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hwsim.einsum.cascade import Cascade
from hwsim.mapping.fused.actions import Count, attention_counts
from hwsim.mapping.fused.band import band_movement, band_rows
from hwsim.mapping.fused.blocks import block_movement
from hwsim.mapping.fused.configurations import Configuration
from hwsim.mapping.fused.dataflow import best_dataflow
from hwsim.mapping.fused.flat import flat_movement, flat_problem
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.occupancy import occupancy
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.fused.traffic import Movement, Traffic


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds, bytes and fractions of the latency for all attentions of a layer.

    ``grid_utilization`` has the fraction for each Einsum on the grid; ``choice`` says what stays on chip.
    """

    latency_s: float
    grid_s: float
    lanes_s: float
    dram_s: float
    traffic: Traffic
    grid_utilization: Mapping[str, float]
    lane_utilization: float
    counts: tuple[Count, ...]
    choice: str


def estimate_attention(
    machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, shape: AttentionShape
) -> Estimate:
    """What the layer costs on ``machine``; ``cascade`` is the one that the configuration names.

    Raises:
        InputError: work an array cannot do, a buffer that is too small.
    """
    busy = occupancy(machine, configuration, cascade, shape.padded(machine.rows, machine.columns))
    moved = movement(machine, configuration, cascade, shape)
    phases = zip(configuration.phases, moved.phases, strict=True)
    cycles = sum(
        max(busy.phase_cycles(phase), machine.dram_cycles(each.total_bytes)) for phase, each in phases
    )
    seconds = shape.instances / machine.clock
    traffic = moved.total.times(shape.instances)
    return Estimate(
        latency_s=cycles * seconds,
        grid_s=busy.on_grid(configuration.einsums) * seconds,
        lanes_s=busy.on_lanes(configuration.einsums) * seconds,
        dram_s=traffic.total_bytes / machine.dram_bandwidth,
        traffic=traffic,
        grid_utilization={
            name: busy.cycles[name] / cycles for name in configuration.einsums if name in configuration.grid
        },
        lane_utilization=busy.on_lanes(configuration.einsums) / cycles,
        counts=attention_counts(machine, configuration, cascade, shape, traffic),
        choice=moved.choice,
    )


def movement(
    machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, shape: AttentionShape
) -> Movement:
    """What one attention moves, by the configuration's tiling.

    Raises:
        InputError: as :func:`estimate_attention`.
    """
    sizes = shape.sizes(machine.rows)
    if configuration.tiling == "blocks":
        return block_movement(machine, configuration, cascade, sizes)
    if configuration.tiling == "band":
        rows = band_rows(machine, configuration, cascade, shape.padded(machine.rows, machine.columns))
        return band_movement(machine, cascade, sizes, rows)
    problem = flat_problem(machine, configuration, cascade, sizes)
    return flat_movement(problem, cascade, best_dataflow(problem, shape.instances))
