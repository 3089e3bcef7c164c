"""Which points can be computed many at a time, and which belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from hwsim.arch.component import Component
from hwsim.arch.load import apply_overrides, arch_of
from hwsim.arch.machine import Arch
from hwsim.arch.memory import Memory
from hwsim.explore.content import document_of
from hwsim.explore.evaluate import mapping_of, workload_of
from hwsim.explore.fixed.bench import Bench
from hwsim.explore.fixed.facts import Facts
from hwsim.explore.fixed.family import Family
from hwsim.explore.metrics import Outcome
from hwsim.explore.point import Point, override
from hwsim.mapping.planner import native_datatype
from hwsim.mapping.sites import sites_of
from hwsim.simulation.scene import Scene
from hwsim.simulation.ways import way_of
from hwsim.spec.errors import HwsimError

Settings = tuple[tuple[str, object], ...]
_SHAPE = ("rows", "columns", "dataflow", "stationary_registers")
"""What of a matrix engine vector work does not notice."""


def outcomes(points: Sequence[Point]) -> dict[int, Outcome]:
    """The outcomes of those points that can be computed together, by their place in ``points``.

    Any other point, and any that is at fault, is left to ``simulate``, which says what is wrong.
    """
    found: dict[int, Outcome] = {}
    groups: dict[tuple[str, str, str, Settings], list[int]] = {}
    for place, point in enumerate(points):
        if point.fidelity == "analytical" and _fixed(point.mapping):
            rest = tuple(pair for pair in point.settings if pair[0] != _bandwidth(point.machine))
            groups.setdefault((point.machine, point.workload, point.mapping, rest), []).append(place)
    for (machine, workload, mapping, rest), places in groups.items():
        try:
            bench = _bench(machine, workload, mapping, rest)
            roots = [] if bench is None else [_root(bench.arch, points[place]) for place in places]
        except HwsimError:
            continue
        if bench is not None:
            found |= dict(zip(places, bench.outcomes(roots), strict=True))
    return found


@lru_cache(maxsize=32)
def _fixed(mapping: str) -> bool:
    """Whether nothing of a mapping depends on the bandwidth of the outermost memory or on other steps."""
    try:
        choices = mapping_of(mapping)
    except HwsimError:
        return False
    alone = choices.fusion == "none" and choices.residency == "none" and choices.attention == "unfused"
    return choices.tiles == "fixed" and alone and not choices.constraints


@lru_cache(maxsize=32)
def _bandwidth(machine: str) -> str:
    """The setting that changes the bandwidth of a machine's outermost memory."""
    components = document_of("machine", machine).data.get("components")
    return f"{next(iter(components))}.bandwidth" if isinstance(components, dict) and components else ""


def _root(arch: Arch, point: Point) -> Component:
    """The outermost memory of a point.

    Raises:
        InputError: its bandwidth is at fault.
    """
    key = _bandwidth(point.machine)
    given = next((override(name, value) for name, value in point.settings if name == key), None)
    if given is None:
        return arch.root
    memory = _memory(point.machine, given)
    attributes = arch.root.attributes.model_copy(update={"bandwidth": memory.bandwidth})
    return replace(arch.root, attributes=attributes)


@lru_cache(maxsize=4096)
def _memory(machine: str, setting: str) -> Memory:
    """The outermost memory of a machine with one setting."""
    root = arch_of(apply_overrides(document_of("machine", machine), (setting,))).root
    assert isinstance(root.attributes, Memory)  # the setting is a memory's bandwidth
    return root.attributes


@lru_cache(maxsize=64)
def _bench(machine: str, workload: str, mapping: str, settings: Settings) -> Bench | None:
    """The machine and what it does; None where no dataflow machine runs the workload, or a step fits nowhere.

    Raises:
        InputError: something is at fault.
    """
    point = Point(0, machine, workload, mapping, "analytical", settings)
    arch = arch_of(apply_overrides(document_of("machine", machine), point.machine_overrides))
    network = workload_of(workload, point.workload_overrides)
    if network.network is not None or way_of(arch, network).name != "dataflow":
        return None
    capacities = {f"{part.name}.capacity" for part in arch.walk() if isinstance(part.attributes, Memory)}
    shared = tuple(pair for pair in settings if pair[0] not in capacities)
    family = _family(machine, workload, mapping, shared)
    scene = Scene.of(arch, family.workload, native_datatype(arch))
    facts = family.facts_on(scene)
    return None if facts is None else Bench(arch, family, scene, tuple(facts))


@lru_cache(maxsize=8)
def _family(machine: str, workload: str, mapping: str, settings: Settings) -> Family:
    """The family of machines that share all settings but capacities."""
    point = Point(0, machine, workload, mapping, "analytical", settings)
    arch = arch_of(apply_overrides(document_of("machine", machine), point.machine_overrides))
    network = workload_of(workload, point.workload_overrides)
    engines = [engine.component.name for engine in sites_of(arch).matrix]
    shapes = {f"{name}.{each}" for name in engines for each in _SHAPE}
    beside = tuple(pair for pair in settings if pair[0] not in shapes)
    prepared = way_of(arch, network).prepare(arch, network)
    chunks = mapping_of(mapping).stream_chunks
    return Family(prepared, chunks, _vector_facts(machine, workload, mapping, beside))


@lru_cache(maxsize=32)
def _vector_facts(
    machine: str, workload: str, mapping: str, settings: Settings
) -> dict[tuple[int, int], Facts]:
    """The facts of vector work met so far on machines that share these settings."""
    del machine, workload, mapping, settings
    return {}
