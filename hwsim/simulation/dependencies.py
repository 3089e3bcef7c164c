"""Which earlier steps a step must wait for when steps overlap: through addresses and through data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hwsim.mapping.plan import Plan, Residency, Step
from hwsim.simulation.scene import Scene


@dataclass(frozen=True, slots=True)
class Waits:
    """The steps that must be over before a step may load, and before it may compute."""

    load: frozenset[int]
    compute: frozenset[int]


@dataclass(slots=True)
class Addresses:
    """Who used each range of one memory last: entries (first, last, steps) that do not overlap."""

    entries: list[tuple[int, int, frozenset[int]]] = field(default_factory=list)

    def take(self, first: int, last: int, step: int) -> set[int]:
        """Give ``[first, last)`` to ``step``; the steps that used parts of it."""
        before: set[int] = set()
        left = []
        for start, end, steps in self.entries:
            if start < last and first < end:
                before |= steps
                left += [(start, first, steps)] if start < first else []
                left += [(last, end, steps)] if last < end else []
            else:
                left.append((start, end, steps))
        self.entries = [*left, (first, last, frozenset({step}))]
        return before

    def use(self, first: int, last: int, step: int) -> None:
        """Note that ``step`` reads from ``[first, last)``, too."""
        self.entries = [
            (start, end, steps | {step} if start < last and first < end else steps)
            for start, end, steps in self.entries
        ]


def waits(plan: Plan, scene: Scene) -> list[Waits]:
    """What each step of ``plan`` waits for."""
    tracker = _Tracker(scene, _by_first_step(plan))
    return [tracker.step(number, step) for number, step in enumerate(plan.steps)]


@dataclass(slots=True)
class _Tracker:
    """What the steps so far have made, stored and taken."""

    scene: Scene
    starting: dict[int, list[Residency]]
    made: dict[str, int] = field(default_factory=dict)
    stored: dict[str, set[int]] = field(default_factory=dict)
    homes: dict[str, Residency] = field(default_factory=dict)
    memories: dict[str, Addresses] = field(default_factory=dict)

    def step(self, number: int, step: Step) -> Waits:
        root = self.scene.root
        operators = [self.scene.operator(task) for task in step.tasks]
        read = {part.tensor for op in operators for part in op.inputs}
        spilled = {move.tensor for move in step.transfers if move.role == "spill"}
        fetched = {move.tensor for move in step.transfers if move.role == "fetch"}
        from_root = {move.tensor for move in step.transfers if move.source == root}
        filled = {move.destination for move in step.transfers if move.source == root}
        load = self._producers(spilled) | {
            each for name in read & from_root for each in self.stored.get(name, ())
        }
        compute = self._producers(read - from_root)
        self._use(read | spilled, number)
        for space in step.workspaces:
            before = self._take(space.memory, space.address, space.bytes, number)
            (load if space.memory in filled else compute).update(before)
        for stay in self.starting.get(number, ()):
            before = self._take(stay.memory, stay.address, stay.bytes, number)
            (load if stay.tensor in fetched else compute).update(before)
            self.homes[stay.tensor] = stay
        for move in step.transfers:
            if move.destination == root:
                self.stored.setdefault(move.tensor, set()).add(number)
        self.made.update((part.tensor, number) for op in operators for part in op.outputs)
        return Waits(frozenset(load - {number}), frozenset(compute - {number}))

    def _producers(self, tensors: Iterable[str]) -> set[int]:
        return {self.made[name] for name in tensors if name in self.made}

    def _use(self, tensors: Iterable[str], number: int) -> None:
        for name in tensors:
            stay = self.homes.get(name)
            if stay is not None:
                self.memories[stay.memory].use(stay.address, stay.address + stay.bytes, number)

    def _take(self, memory: str, address: int, size: int, number: int) -> set[int]:
        return self.memories.setdefault(memory, Addresses()).take(address, address + size, number)


def _by_first_step(plan: Plan) -> dict[int, list[Residency]]:
    found: dict[int, list[Residency]] = {}
    for stay in plan.residencies:
        found.setdefault(stay.first_step, []).append(stay)
    return found
