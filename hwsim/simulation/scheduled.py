"""The plan whose order, residents, addresses and transfers come from the scheduler (``residency: schedule``).

A step is an operator of the scheduling problem; what it keeps whole at home are its tensors, and the room in
which the rest streams past is one that it takes while it runs. So the bytes that the plan moves over the
outermost memory's boundary are those of the schedule and those that stream, no more.
"""

from __future__ import annotations

from collections.abc import Iterator

from hwsim.arch.machine import Arch
from hwsim.mapping.booked import Booker, Booking, Demand
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.fusion import Group
from hwsim.mapping.plan import Plan, Residency
from hwsim.schedule.from_workload import kind_of
from hwsim.schedule.problem import Operator, Problem, Schedule, Step, Tensor, TensorKind
from hwsim.schedule.stays import stays
from hwsim.schedule.steady import steady_schedule
from hwsim.simulation.scene import Scene
from hwsim.simulation.step import time_step
from hwsim.workload.workload import Workload

_TILES = "(tiles) "


def scheduled_plan(arch: Arch, workload: Workload, choices: MappingChoices) -> Plan:
    """The plan of a workload as scheduled.

    Raises:
        InputError: an operator fits nowhere.
    """
    booker = Booker(arch, workload, choices)
    demands = demands_of(booker)
    problem = scheduling_problem(booker, demands)
    steps = steady_schedule(problem, _follows(booker.workload, demands))
    groups = {demand.group[0].name: demand.group for demand in demands}
    bookings = (_booking(problem, groups[step.op], step) for step in steps)
    return booker.plan(bookings, tuple(_residencies(booker, problem, steps)))


def demands_of(booker: Booker) -> tuple[Demand, ...]:
    """What every step wants, timed as the simulation does."""
    scene = Scene.of(booker.arch, booker.workload, booker.sites.datatype)
    return booker.demands(lambda step: time_step(scene, step).cycles)


def scheduling_problem(booker: Booker, demands: tuple[Demand, ...]) -> Problem:
    """The steps of a plan as operators over what they hold, with the room for their tiles."""
    held = dict.fromkeys(name for demand in demands for name in (*demand.reads, *demand.makes))
    tensors = [Tensor(name, booker.size(name), kind_of(booker.workload, name)) for name in held]
    tensors += [
        Tensor(_TILES + demand.group[0].name, demand.tiles, TensorKind.ACTIVATION)
        for demand in demands
        if demand.tiles
    ]
    operators = tuple(_operator(demand) for demand in demands)
    return Problem(tuple(tensors), operators, booker.capacity, name=booker.workload.name)


def _operator(demand: Demand) -> Operator:
    name = demand.group[0].name
    tiles = (_TILES + name,) if demand.tiles else ()
    return Operator(name, demand.reads, (*demand.makes, *tiles))


def _follows(workload: Workload, demands: tuple[Demand, ...]) -> dict[str, frozenset[str]]:
    """By step, the steps that make what it reads, held or not."""
    step_of = {op.name: demand.group[0].name for demand in demands for op in demand.group}
    found = {}
    for demand in demands:
        makers = (workload.producers.get(part.tensor) for op in demand.group for part in op.inputs)
        steps = {step_of[maker] for maker in makers if maker is not None}
        found[demand.group[0].name] = frozenset(steps - {demand.group[0].name})
    return found


def _booking(problem: Problem, group: Group, step: Step) -> Booking:
    tiles = _TILES + step.op
    resident = frozenset(name for name in step.placements if not name.startswith(_TILES))
    room = (step.placements[tiles], problem.tensor[tiles].size) if tiles in step.placements else (0, 0)
    return Booking(group, resident, step.fetch, step.writeback, room)


def _residencies(booker: Booker, problem: Problem, steps: Schedule) -> Iterator[Residency]:
    """The stays of tensors, by first step, then address."""
    home = booker.home
    kept = [stay for stay in stays(problem, steps) if not stay.tensor.startswith(_TILES)]
    for stay in sorted(kept, key=lambda stay: (stay.first, stay.address)):
        yield Residency(stay.tensor, home, stay.address, stay.bytes, stay.first, stay.last)
