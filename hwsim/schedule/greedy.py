"""A schedule at once: a list-scheduled order, then furthest-next-use replacement at real addresses.

It never fails on a scratchpad that holds the largest operator, and is the start every engine improves on;
in file order it is also the baseline that COSMA compares with.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hwsim.schedule.indexed import Indexed, bits, mask_of, topological_order
from hwsim.schedule.plan import Episode, Plan, carried_masks
from hwsim.schedule.windows import users


@dataclass(frozen=True, slots=True)
class PlacedPlan:
    """A plan and the address in units of each of its episodes."""

    plan: Plan
    addresses: tuple[int, ...]


def greedy(indexed: Indexed, order: tuple[int, ...] | None = None) -> PlacedPlan:
    """A valid placed plan; ``order`` is list-scheduled unless given."""
    steps = order if order is not None else list_schedule(indexed)
    simulation = _Simulation(indexed, steps, _uses(indexed, steps))
    for step in range(len(steps)):
        simulation.run(step)
    return simulation.placed_plan()


def realised(indexed: Indexed, plan: Plan) -> PlacedPlan:
    """``plan`` at real addresses: where a tensor finds no room, others leave, dearer than planned."""
    simulation = _Simulation(indexed, plan.order, _uses(indexed, plan.order))
    carried = [*carried_masks(plan), 0]
    for step in range(len(plan.order)):
        simulation.run(step)
        simulation.keep_only(carried[step + 1], step)
    return simulation.placed_plan()


def file_order(indexed: Indexed) -> tuple[int, ...]:
    """The order of the graph file as far as dependences allow."""
    return tuple(topological_order(indexed.predecessors))


def list_schedule(indexed: Indexed) -> tuple[int, ...]:
    """Greedy order: of the ready operators the one that leaves the fewest units live, first in file."""
    done, order = 0, []
    while done != indexed.everything:
        ready = [o for o in bits(indexed.everything & ~done) if not indexed.predecessors[o] & ~done]
        chosen = min(ready, key=lambda operator: (_growth(indexed, done, operator), operator))
        order.append(chosen)
        done |= 1 << chosen
    return tuple(order)


def _growth(indexed: Indexed, done: int, operator: int) -> int:
    """Units born minus units that die with the operator."""
    after = done | 1 << operator
    born = [t for t in bits(indexed.outputs[operator]) if indexed.consumers[t]]
    first_read = [
        t
        for t in bits(indexed.inputs[operator])
        if indexed.producer[t] < 0 and not indexed.consumers[t] & done
    ]
    dying = [t for t in bits(indexed.inputs[operator]) if not indexed.consumers[t] & ~after]
    alive = indexed.units(mask_of([*born, *first_read]))
    return alive - indexed.units(mask_of(dying))


def _uses(indexed: Indexed, order: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """By tensor, the steps that touch it."""
    step_of = {operator: step for step, operator in enumerate(order)}
    return tuple(
        tuple(sorted(step_of[operator] for operator in users(indexed, tensor)))
        for tensor in range(indexed.tensors)
    )


@dataclass(slots=True)
class _Simulation:
    """Residents with their addresses, and the stays finished so far."""

    indexed: Indexed
    order: tuple[int, ...]
    uses: tuple[tuple[int, ...], ...]
    resident: dict[int, int] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)
    stays: list[tuple[Episode, int]] = field(default_factory=list)

    def run(self, step: int) -> None:
        """Make room for the operator of this step, place its tensors, and drop what nobody needs."""
        indexed, operator = self.indexed, self.order[step]
        shared = indexed.in_place[operator]
        touched = indexed.inputs[operator] | indexed.outputs[operator]
        heir = self._heir(operator) if shared >= 0 else -1
        wanted = [tensor for tensor in bits(touched) if tensor != heir and tensor not in self.resident]
        wanted.sort(key=lambda tensor: -indexed.size[tensor])
        pinned = touched
        if not all(self._place(tensor, step, pinned) for tensor in wanted):
            self._start_over([tensor for tensor in bits(touched) if tensor != heir], step)
        if heir >= 0:
            address = self.resident[shared]
            self._leave(shared, step)
            self._enter(heir, address, step)
        for tensor in list(self.resident):
            if self._next_use(tensor, step + 1) is None:
                self._leave(tensor, step)

    def keep_only(self, tensors: int, step: int) -> None:
        """Drop all but the ``tensors`` of a mask after ``step``."""
        for tensor in [tensor for tensor in self.resident if not tensors >> tensor & 1]:
            self._leave(tensor, step)

    def placed_plan(self) -> PlacedPlan:
        """All stays in canonical order."""
        ordered = sorted(self.stays)
        plan = Plan(self.order, tuple(episode for episode, _ in ordered))
        return PlacedPlan(plan, tuple(address for _, address in ordered))

    def _heir(self, operator: int) -> int:
        name = self.indexed.problem.operators[operator].outputs[0]
        return next(t for t in bits(self.indexed.outputs[operator]) if self._name(t) == name)

    def _name(self, tensor: int) -> str:
        return self.indexed.problem.tensors[tensor].id

    def _next_use(self, tensor: int, step: int) -> int | None:
        return next((use for use in self.uses[tensor] if use >= step), None)

    def _place(self, tensor: int, step: int, pinned: int) -> bool:
        """Put a tensor where the residents in the way are free, else are next used the furthest away."""
        size = self.indexed.size[tensor]
        spots = {0, *(a + self.indexed.size[t] for t, a in self.resident.items())}
        spots |= {a - size for a in self.resident.values()}
        spots.add(self.indexed.capacity - size)
        best: tuple[tuple[float, int], int] | None = None
        for address in sorted(spots):
            if 0 <= address <= self.indexed.capacity - size:
                victims = self._in_the_way(address, size)
                if not mask_of(victims) & pinned:
                    rank = (self._regret(victims, step), address)
                    best = min(best, (rank, address)) if best else (rank, address)
        if best is None:
            return False
        for victim in self._in_the_way(best[1], size):
            self._leave(victim, step - 1)
        self._enter(tensor, best[1], step)
        return True

    def _in_the_way(self, address: int, size: int) -> list[int]:
        sizes = self.indexed.size
        return [t for t, a in self.resident.items() if a < address + size and address < a + sizes[t]]

    def _regret(self, victims: list[int], step: int) -> float:
        """What dropping costs per step of absence: zero for nothing, small for what is needed late."""
        costs = self.indexed.fetch_cost
        return sum(costs[t] / ((self._next_use(t, step) or step) - step + 1) for t in victims)

    def _start_over(self, tensors: list[int], step: int) -> None:
        """Drop everything and put the operator's tensors side by side."""
        fresh = {tensor for tensor in self.resident if self.since[tensor] == step}
        for tensor in list(self.resident):
            if tensor in fresh:
                del self.resident[tensor], self.since[tensor]
            else:
                self._leave(tensor, step - 1)
        address = 0
        for tensor in tensors:
            self._enter(tensor, address, step)
            address += self.indexed.size[tensor]

    def _enter(self, tensor: int, address: int, step: int) -> None:
        self.resident[tensor] = address
        self.since[tensor] = step

    def _leave(self, tensor: int, step: int) -> None:
        """End a stay at the tensor's last use up to ``step``."""
        last = max(use for use in self.uses[tensor] if use <= step)
        self.stays.append((Episode(tensor, self.since.pop(tensor), last), self.resident.pop(tensor)))
