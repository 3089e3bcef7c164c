"""A spiking network told by its layers on neuromorphic cores: event counts and times in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from hwsim.arch.memory import Dram
from hwsim.engines.neuromorphic.chip import Chip, CoreKind
from hwsim.engines.neuromorphic.layer_placement import LayerPlacing, placing_of_layers, spread
from hwsim.engines.neuromorphic.layer_statistics import LayerStatistics, statistics_of
from hwsim.engines.neuromorphic.parts import DIRECTIONS, AxonIn, AxonOut, Dendrite, Soma, Synapse
from hwsim.simulation.execution import ActionCount, Bound, Execution, Fidelity, OperatorRun, Stalls
from hwsim.workload.workload import Workload

KIND = "spiking_layers"


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer with what it costs: seconds of work on one core, events, bytes from the outermost memory."""

    layer: LayerStatistics
    cores: int
    messages: int
    work: float
    actions: tuple[ActionCount, ...]
    dram_bytes: int

    @property
    def seconds(self) -> float:
        """With its work shared evenly by its cores."""
        return self.work / self.cores


def execute_layers(chip: Chip, workload: Workload, fidelity: Fidelity) -> Execution:
    """Run the layers of a spiking network on a chip; at ``bound`` nobody fires.

    Where all layers are on the chip, each time step lasts as long as the slowest; else one layer follows the
    other. Work is shared evenly by a layer's cores.

    Raises:
        InputError: the network does not fit.
    """
    layers = statistics_of(workload)
    steps = _steps(workload)
    placing = _placed(chip, layers, steps)
    found = _costs(chip, layers, placing, fidelity)
    turns = steps if placing.resident else steps * len(layers)
    barrier = turns * chip.barrier(_tiles(chip, placing))
    longest = max(each.seconds for each in found)
    compute = longest if placing.resident else sum(each.seconds for each in found)
    memory = _memory_seconds(chip, found)
    least = sum(each.work for each in found) / len(chip.cores)
    clock = chip.arch.clock
    cycles = (max(compute, memory) + barrier) * clock
    bounds = (
        Bound(chip.component.name, "barriers", barrier * clock),
        Bound(chip.component.name, "barriers, and all events shared by all cores", (barrier + least) * clock),
        Bound(chip.arch.root.name, "outermost memory", memory * clock),
    )
    return Execution(
        fidelity=fidelity,
        cycles=cycles,
        operators=_runs(chip, found, placing, cycles, barrier * clock),
        bounds=bounds,
        compulsory_dram_bytes=0 if placing.resident else placing.weight_bytes,
        busy=((chip.component.name, cycles),),
        tables={} if fidelity == "bound" else {KIND: _tables(found, placing, steps)},
        bands=dict.fromkeys((layer.name for layer in layers), "formula only, no reference"),
    )


def _placed(chip: Chip, layers: tuple[LayerStatistics, ...], steps: int) -> LayerPlacing:
    """The cores of each layer: as many as hold it, then those that are left, by work."""
    placing = placing_of_layers(chip, layers, steps)
    costs = _costs(chip, layers, placing, "analytical")
    return spread(placing, tuple(each.work for each in costs), len(chip.cores))


def _costs(
    chip: Chip, layers: tuple[LayerStatistics, ...], placing: LayerPlacing, fidelity: Fidelity
) -> list[_Layer]:
    """What each layer costs; at ``bound`` nobody fires."""
    return [
        _layer(chip, layer, cores, placing, fidelity)
        for layer, cores in zip(layers, placing.cores, strict=True)
    ]


def _steps(workload: Workload) -> int:
    """Time steps of all inputs."""
    steps, batch = workload.parameters.get("timesteps", 1), workload.parameters.get("batch", 1)
    assert isinstance(steps, int)
    assert isinstance(batch, int)
    return steps * batch


def _tiles(chip: Chip, placing: LayerPlacing) -> int:
    """Tiles in use: those of the first so many cores."""
    used = min(sum(placing.cores), len(chip.cores)) if placing.resident else len(chip.cores)
    return len({core.tile for core in chip.cores[:used]})


def _layer(
    chip: Chip, layer: LayerStatistics, cores: int, placing: LayerPlacing, fidelity: Fidelity
) -> _Layer:
    core = chip.kinds[0]
    spikes = 0 if fidelity == "bound" else layer.spikes
    operations = 0 if fidelity == "bound" else layer.synaptic_ops
    fired = 0 if fidelity == "bound" else layer.fired
    messages = spikes * min(cores, max(1, ceil(layer.fan_out)))
    work = _work(core, layer, messages, operations, fired)
    width = chip.arch.root.attributes
    moved = 0 if placing.resident else _stored(core, layer) + 2 * ceil(layer.updates / 8)
    actions = [*_core_actions(core, layer, messages, operations, fired), *_hops(chip, messages)]
    if moved and isinstance(width, Dram):
        actions.append(ActionCount(chip.arch.root.name, "read", "weight", ceil(moved / width.width)))
    counted = tuple(action for action in actions if action.count)
    return _Layer(layer, cores, messages, work, counted, moved)


def _stored(core: CoreKind, layer: LayerStatistics) -> int:
    synapse = core.synapses[0].component.attributes
    assert isinstance(synapse, Synapse)
    return ceil(layer.weights * (synapse.bytes_per_synapse or 0.0))


def _work(core: CoreKind, layer: LayerStatistics, messages: int, operations: int, fired: int) -> float:
    """Seconds that one core would take for all events of a layer."""
    into, synapse, dendrite, soma, out = (
        core.axon_in.attributes,
        core.synapses[0].component.attributes,
        core.dendrites[0].component.attributes,
        core.somas[0].component.attributes,
        core.axon_out.attributes,
    )
    assert isinstance(into, AxonIn)
    assert isinstance(synapse, Synapse)
    assert isinstance(dendrite, Dendrite)
    assert isinstance(soma, Soma)
    assert isinstance(out, AxonOut)
    visits = layer.updates * (soma.latency.access + soma.latency.update) + fired * soma.latency.spike
    received = messages * (into.latency + out.latency) + operations * (synapse.latency + dendrite.latency)
    return visits + received


def _core_actions(
    core: CoreKind, layer: LayerStatistics, messages: int, operations: int, fired: int
) -> tuple[ActionCount, ...]:
    soma = core.somas[0].component.name
    return (
        ActionCount(core.axon_in.name, "message", "spike", messages),
        ActionCount(core.axon_out.name, "message", "spike", messages),
        ActionCount(core.synapses[0].component.name, "synaptic_op", "weight", operations),
        ActionCount(core.dendrites[0].component.name, "update", "state", operations),
        ActionCount(soma, "access", "state", layer.updates),
        ActionCount(soma, "update", "state", layer.updates),
        ActionCount(soma, "spike", "state", fired),
    )


def _hops(chip: Chip, messages: int) -> tuple[ActionCount, ...]:
    """Hops of messages between places drawn at random: (n^2 - 1) / 3n along an axis of n, half each way."""
    along = (chip.mesh.height - 1 / chip.mesh.height) / 3
    across = (chip.mesh.width - 1 / chip.mesh.width) / 3
    ways = {"north": along, "south": along, "east": across, "west": across}
    return tuple(
        ActionCount(chip.component.name, f"hop_{name}", "spike", round(messages * ways[name] / 2))
        for name in DIRECTIONS
    )


def _memory_seconds(chip: Chip, found: list[_Layer]) -> float:
    memory = chip.arch.root.attributes
    moved = sum(each.dram_bytes for each in found)
    if not isinstance(memory, Dram) or memory.bandwidth is None:
        return 0.0
    return moved / (memory.bandwidth.per_second(chip.arch.clock) * memory.efficiency)


def _runs(
    chip: Chip, found: list[_Layer], placing: LayerPlacing, cycles: float, barriers: float
) -> tuple[OperatorRun, ...]:
    """A row for each layer: at work all the time where it has its cores, else in its turn."""
    clock, start = chip.arch.clock, 0.0
    runs: list[OperatorRun] = []
    share = (cycles - barriers) / max(1e-300, sum(each.seconds * clock for each in found))
    for each in found:
        own = each.seconds * clock
        turn = own * share + barriers / len(found)
        length = cycles if placing.resident else min(turn, cycles - start)
        runs.append(
            OperatorRun(
                name=each.layer.name,
                kind=each.layer.kind,
                component=chip.component.name,
                step=0 if placing.resident else len(runs),
                start=0.0 if placing.resident else start,
                cycles=length,
                compute_cycles=min(own, length),
                stalls=Stalls(waiting=length - min(own, length)),
                bound_by="events" if own > barriers / len(found) else "barrier",
                lower_bound_cycles=min(own, length),
                macs=0,
                peak_macs=0,
                dram_bytes=each.dram_bytes,
                traffic=(("weight", each.dram_bytes),) if each.dram_bytes else (),
                actions=each.actions,
                mapping=f"{each.cores} cores",
            )
        )
        start += length
    return tuple(runs)


def _tables(found: list[_Layer], placing: LayerPlacing, steps: int) -> dict[str, Any]:
    """Totals, and a row for each layer."""
    return {
        "timesteps": steps,
        "resident": placing.resident,
        "cores": sum(placing.cores) if placing.resident else max(placing.cores),
        "synaptic_ops": sum(each.layer.synaptic_ops for each in found),
        "multi_bit_ops": sum(each.layer.dense for each in found if each.layer.multi_bit),
        "dense_ops": sum(each.layer.dense for each in found),
        "updates": sum(each.layer.updates for each in found),
        "spikes": sum(each.layer.fired for each in found),
        "layers": [
            {
                "name": each.layer.name,
                "cores": each.cores,
                "rate": each.layer.spikes / each.layer.inputs if each.layer.inputs else None,
                "synaptic_ops": each.layer.synaptic_ops,
                "messages": each.messages,
            }
            for each in found
        ],
    }
