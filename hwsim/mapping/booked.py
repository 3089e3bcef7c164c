"""Plans whose order and residents are decided beforehand: what a step needs, and the plan once they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf

from hwsim.arch.machine import Arch
from hwsim.arch.memory import Role
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.footprint import footprint_notes
from hwsim.mapping.fusion import Group
from hwsim.mapping.plan import Plan, Residency, Step, Transfer
from hwsim.mapping.planner import groups_of
from hwsim.mapping.sites import Sites, engine_of, sites_of
from hwsim.mapping.situation import capacities, situation_of
from hwsim.mapping.steps import StepPlanner, searched_on
from hwsim.spec.errors import InputError
from hwsim.workload.operator import Operator
from hwsim.workload.workload import Workload

_HALVINGS = 10


@dataclass(frozen=True, slots=True)
class Demand:
    """What a step wants of the home memory: tensors ``held`` whole, and ``tiles`` bytes for what streams.

    ``streamed_bytes`` go to and from the outermost memory for tensors that are not held.
    """

    group: Group
    reads: tuple[str, ...]
    makes: tuple[str, ...]
    tiles: int
    streamed_bytes: int


@dataclass(frozen=True, slots=True)
class Booking:
    """One step as decided: who is ``resident``, who comes and who is saved before it, the tiles' room."""

    group: Group
    resident: frozenset[str]
    fetched: tuple[str, ...]
    written: tuple[str, ...]
    room: tuple[int, int]


class Booker:
    """Steps of one workload on one machine, around residents that somebody else decides."""

    def __init__(self, arch: Arch, workload: Workload, choices: MappingChoices) -> None:
        self.arch = arch
        self.sites = sites_of(arch)
        self.workload = workload.with_datatype(self.sites.datatype)
        self.choices = choices
        self.groups = groups_of(self.sites, self.workload, choices)
        self.steps = StepPlanner(
            self.sites,
            self.workload.tensors,
            choices.stream_chunks,
            capacities(arch),
            searched_on(arch.content_hash),
        )

    @property
    def home(self) -> str:
        """The name of the home memory; empty where there is none."""
        return "" if self.sites.home is None else self.sites.home.name

    @property
    def capacity(self) -> int:
        """Bytes of the home memory; 0 where there is none."""
        home = self.sites.home
        return 0 if home is None else self.steps.capacities[home.name]

    def demands(self, cycles: Callable[[Step], int]) -> tuple[Demand, ...]:
        """What every step wants, as much as possible held of what is used more than once.

        Tiles get no more room than they need to be as fast, by ``cycles``, and to move no more.

        Raises:
            InputError: a step fits nowhere even if nothing is held.
        """
        users = _users(self.groups)
        held = _holdable(self.sites, self.workload, self.groups, users)
        for group in self.groups:
            while self._roomy(group, held) is None:
                held -= {self._given_up(group, held, users)}
        return tuple(self._demand(group, held, cycles) for group in self.groups)

    def plan(self, bookings: Iterable[Booking], residencies: tuple[Residency, ...]) -> Plan:
        """The plan of steps as booked."""
        return Plan(
            arch=self.arch.name,
            workload=self.workload.name,
            mapping=self.choices.name,
            datatype=self.sites.datatype,
            steps=tuple(self._booked(number, booking) for number, booking in enumerate(bookings)),
            residencies=residencies,
            notes=(*self.workload.notes, *footprint_notes(self.arch, self.workload)),
            arch_hash=self.arch.content_hash,
            workload_hash=self.workload.content_hash,
        )

    def size(self, tensor: str) -> int:
        """Bytes of a tensor."""
        return self.workload.tensors[tensor].bytes

    def _booked(self, number: int, booking: Booking) -> Step:
        step = self._step(booking.group, booking.resident, booking.room, number % 2 == 1)
        if step is None:
            raise ValueError(f"the step of {booking.group[0].name} does not fit where it is booked")
        root, home, name = self.arch.root.name, self.home, booking.group[0].name
        out = [Transfer(name, each, "spill", home, root, self.size(each)) for each in booking.written]
        back = [Transfer(name, each, "fetch", root, home, self.size(each)) for each in booking.fetched]
        return replace(step, transfers=(*out, *back, *step.transfers))

    def _demand(self, group: Group, held: frozenset[str], cycles: Callable[[Step], int]) -> Demand:
        reads, makes = _outside(group)
        resident = frozenset((*reads, *makes)) & held
        size, streamed = self._least_room(group, resident, cycles)
        return Demand(
            group,
            tuple(name for name in reads if name in held),
            tuple(name for name in makes if name in held),
            size,
            streamed,
        )

    def _least_room(
        self, group: Group, resident: frozenset[str], cycles: Callable[[Step], int]
    ) -> tuple[int, int]:
        """Bytes for tiles, halved while that costs neither bytes nor cycles; and the bytes that stream."""
        room = self.capacity - sum(map(self.size, resident))
        step = self._step(group, resident, (0, room), top=False)
        size = 0 if step is None else self._tiles(step)
        least = self._price(group, resident, size, cycles)
        for _ in range(_HALVINGS):
            price = self._price(group, resident, size // 2, cycles)
            if price[0] > least[0] or price[1] > least[1]:
                break
            size, least = size // 2, price
        return size, int(least[0])

    def _roomy(self, group: Group, held: frozenset[str]) -> Step | None:
        """The step with all the room beside what is held of its tensors; None where it does not fit."""
        reads, makes = _outside(group)
        resident = frozenset((*reads, *makes)) & held
        room = self.capacity - sum(map(self.size, resident))
        return self._step(group, resident, (0, room), top=False) if room >= 0 else None

    def _price(
        self, group: Group, resident: frozenset[str], room: int, cycles: Callable[[Step], int]
    ) -> tuple[float, float]:
        """Bytes that stream and cycles in so much room for tiles; infinite where the step does not fit."""
        step = self._step(group, resident, (0, room), top=False)
        return (inf, inf) if step is None else (self._streamed(step, resident), cycles(step))

    def _step(self, group: Group, resident: frozenset[str], room: tuple[int, int], top: bool) -> Step | None:
        return self.steps.plan(group, situation_of(self.sites, self.steps.capacities, resident, room, top))

    def _tiles(self, step: Step) -> int:
        home = self.sites.home
        return sum(space.bytes for space in step.workspaces if home and space.memory == home.name)

    def _streamed(self, step: Step, resident: frozenset[str]) -> int:
        """Bytes of a planned step to and from the outermost memory for tensors that do not stay."""
        root = self.arch.root.name
        moves = (move for move in step.transfers if root in (move.source, move.destination))
        return sum(move.bytes for move in moves if move.tensor not in resident)

    def _given_up(self, group: Group, held: frozenset[str], users: Mapping[str, int]) -> str:
        """A tensor not to hold, so that the step fits: the cheapest one that suffices, else the largest."""
        reads, makes = _outside(group)
        mine = [name for name in dict.fromkeys((*reads, *makes)) if name in held]
        if not mine:
            op = group[0]
            raise InputError(
                f"operator {op.name!r} ({op.kind}) fits nowhere on {self.arch.name!r}, even on its own",
                hint="take a mapping other than one with 'residency: schedule', or a larger memory",
            )
        enough = [name for name in mine if self._roomy(group, held - {name}) is not None]
        return (
            min(enough, key=lambda name: users[name] * self.size(name))
            if enough
            else max(mine, key=self.size)
        )


def _outside(group: Group) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tensors that a step reads and makes, without those that pass between its operators."""
    made = {part.tensor for op in group for part in op.outputs}
    read = {part.tensor for op in group for part in op.inputs}
    reads = (part.tensor for op in group for part in op.inputs if part.tensor not in made)
    makes = (part.tensor for op in group for part in op.outputs if part.tensor not in read)
    return tuple(dict.fromkeys(reads)), tuple(dict.fromkeys(makes))


def _users(groups: tuple[Group, ...]) -> Mapping[str, int]:
    """How many steps read or make each tensor."""
    users: dict[str, int] = {}
    for group in groups:
        for name in {name for names in _outside(group) for name in names}:
            users[name] = users.get(name, 0) + 1
    return users


def _holdable(
    sites: Sites, workload: Workload, groups: tuple[Group, ...], users: Mapping[str, int]
) -> frozenset[str]:
    """Tensors of more than one step that every one of them can find whole at home."""
    elsewhere = {name for group in groups for op in group for name in _met_elsewhere(sites, op)}
    lasting = {name for name in users if workload.tensors[name].kind == "state"}
    return frozenset(name for name, many in users.items() if many > 1) - elsewhere - lasting


def _met_elsewhere(sites: Sites, op: Operator) -> Iterator[str]:
    """Operands that do not pass the home memory, or of which only a part is touched."""
    engine = engine_of(sites, op)
    parts = dict(op.touched)
    for position, part in enumerate(op.inputs):
        role: Role = "weight" if op.is_contraction and position > 0 else "input"
        if not sites.meets(engine, role) or parts.get(part.tensor, 1.0) < 1.0:
            yield part.tensor
    if not sites.meets(engine, "output"):
        yield from (part.tensor for part in op.outputs)
