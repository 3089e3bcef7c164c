"""A machine's tree flattened: one entry a core, with its units and what they cost in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.arch.component import Attributes, Component
from hwsim.arch.machine import Arch
from hwsim.engines.neuromorphic.lossy import refuse_lossy
from hwsim.engines.neuromorphic.parts import (
    AxonIn,
    AxonOut,
    Dendrite,
    NeuromorphicCore,
    Part,
    Soma,
    SpikeMesh,
    Synapse,
)
from hwsim.spec.errors import InputError, did_you_mean


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a kind of core: its component, the name networks use, and how many a core has."""

    component: Component
    name: str

    @property
    def count(self) -> int:
        """Instances in one core."""
        return self.component.fanout


@dataclass(frozen=True, slots=True)
class CoreKind:
    """The cores of one component of the tree, all alike."""

    component: Component
    axon_in: Component
    synapses: tuple[Unit, ...]
    dendrites: tuple[Unit, ...]
    somas: tuple[Unit, ...]
    axon_out: Component

    @property
    def attributes(self) -> NeuromorphicCore:
        """The core's own attributes."""
        found = self.component.attributes
        assert isinstance(found, NeuromorphicCore)
        return found

    def unit(self, kind: str, units: tuple[Unit, ...], name: str | None) -> Unit:
        """The unit of a kind that a network asks for; without a name, the first.

        Raises:
            InputError: there is none of that name.
        """
        if name is None:
            return units[0]
        for unit in units:
            if unit.name == name:
                return unit
        hint = did_you_mean(name, [unit.name for unit in units])
        place = self.component.position_of("buffer", "neurons", "source")
        raise InputError(f"core {self.component.name!r} has no {kind} unit {name!r}", place, hint)


@dataclass(frozen=True, slots=True)
class Core:
    """One core: its kind, its tile, and its place among the cores of the tile."""

    kind: CoreKind
    tile: int
    port: int


@dataclass(frozen=True, slots=True)
class Chip:
    """The mesh, and its cores in the order of their numbers."""

    arch: Arch
    component: Component
    mesh: SpikeMesh
    kinds: tuple[CoreKind, ...]
    cores: tuple[Core, ...]

    @property
    def ports(self) -> int:
        """Cores of the tile that has the most."""
        return max(core.port for core in self.cores) + 1

    @property
    def notes(self) -> tuple[str, ...]:
        """What a result should repeat: which energies are unknown, and why."""
        silent = [
            part
            for part in self.component.walk()
            if isinstance(part.attributes, Part)
            and part.attributes.energy_unknown
            and not set(part.attributes.actions) <= part.attributes.energy.keys()
        ]
        if not silent:
            return ()
        names, first = ", ".join(part.name for part in silent), silent[0].attributes
        assert isinstance(first, Part)
        return (f"the energy of {names} is unknown and counted as 0 J: {first.energy_unknown}",)

    def barrier(self, tiles: int) -> float:
        """Seconds that the end of a time step takes with neurons on ``tiles`` tiles."""
        entries = sorted(self.mesh.barrier, key=lambda entry: entry.tiles)
        reached = [entry for entry in entries if entry.tiles <= tiles] or entries[:1]
        return reached[-1].latency if reached else 0.0


def is_chip(arch: Arch) -> bool:
    """Whether a machine is a mesh of neuromorphic cores."""
    return any(isinstance(part.attributes, SpikeMesh) for part in arch.walk())


def chip_of(arch: Arch) -> Chip:
    """The chip that a machine describes.

    Raises:
        InputError: a unit is missing, the tiles do not fit the mesh, or a combination of units loses spikes.
    """
    component = next(part for part in arch.walk() if isinstance(part.attributes, SpikeMesh))
    mesh = component.attributes
    assert isinstance(mesh, SpikeMesh)
    kinds: dict[str, CoreKind] = {}
    cores: list[Core] = []
    tile = 0
    for group in component.children:
        inside = [(core, _kind(core, kinds)) for core in group.children if _is(core, NeuromorphicCore)]
        ports = [kind for core, kind in inside for _ in range(core.fanout)]
        for _ in range(group.fanout if ports else 0):
            cores += [Core(kind, tile, port) for port, kind in enumerate(ports)]
            tile += 1
    _check_tiles(component, mesh, tile)
    return Chip(arch, component, mesh, tuple(kinds.values()), tuple(cores))


def _check_tiles(component: Component, mesh: SpikeMesh, tiles: int) -> None:
    if tiles == 0:
        raise InputError(
            f"the mesh {component.name!r} has no core",
            component.position_of("width"),
            "put tiles (class: container) under it and cores (class: neuromorphic_core) under these",
        )
    if tiles > mesh.width * mesh.height:
        message = f"{tiles} tiles do not fit a mesh of {mesh.width} x {mesh.height}"
        raise InputError(message, component.position_of("width", "height"))


def _kind(core: Component, kinds: dict[str, CoreKind]) -> CoreKind:
    if core.name not in kinds:
        kind = CoreKind(
            component=core,
            axon_in=_only(core, AxonIn),
            synapses=tuple(_units(core, Synapse)),
            dendrites=tuple(_units(core, Dendrite)),
            somas=tuple(_units(core, Soma)),
            axon_out=_only(core, AxonOut),
        )
        refuse_lossy(kind.attributes, tuple(unit.component for unit in kind.dendrites), core)
        kinds[core.name] = kind
    return kinds[core.name]


def _only(core: Component, cls: type[Attributes]) -> Component:
    found = [part for part in core.children if _is(part, cls)]
    if len(found) == 1 and found[0].fanout == 1:
        return found[0]
    many = sum(part.fanout for part in found)
    message = f"core {core.name!r} has {many} units of class {cls.class_name}: hwsim models exactly one"
    raise InputError(message, core.position_of("neurons", "buffer"))


def _units(core: Component, cls: type[Attributes]) -> Iterator[Unit]:
    found = [part for part in core.children if _is(part, cls)]
    if not found:
        message = f"core {core.name!r} has no unit of class {cls.class_name}"
        raise InputError(message, core.position_of("neurons", "buffer"))
    for part in found:
        yield Unit(part, getattr(part.attributes, "unit", None) or part.name)


def _is(component: Component, cls: type[Attributes]) -> bool:
    return isinstance(component.attributes, cls)
