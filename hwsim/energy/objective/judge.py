"""What a step takes, as the simulation times it and the price list prices it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hwsim.arch.machine import Arch, memory_of
from hwsim.energy.load import load_technology
from hwsim.energy.price import action_price, leakage_watts
from hwsim.mapping.plan import Step
from hwsim.simulation.account import operator_runs
from hwsim.simulation.execution import Stalls, StepTime
from hwsim.simulation.scene import Scene
from hwsim.simulation.step import time_step

NOTHING = StepTime(0, 0, 0, 0, 0, Stalls())


@dataclass(frozen=True, slots=True)
class Figure:
    """Seconds and joules."""

    seconds: float
    joules: float

    @property
    def product(self) -> float:
        """Joule seconds."""
        return self.seconds * self.joules


FIGURES: dict[str, Callable[[Figure], float]] = {
    "latency": lambda figure: figure.seconds,
    "energy": lambda figure: figure.joules,
    "edp": lambda figure: figure.product,
    "pareto": lambda figure: figure.product,
}
"""What each objective wants little of; a frontier stands at its least product."""


@dataclass(frozen=True)
class Judge:
    """Judges steps of one workload on one machine; prices are looked up once."""

    scene: Scene
    leakage: float
    known: dict[tuple[str, str], float] = field(default_factory=dict)

    @classmethod
    def of(cls, scene: Scene) -> Judge:
        """The judge of a scene."""
        technology = load_technology(scene.arch.technology)
        return cls(scene, leakage_watts(scene.arch, technology))

    @property
    def arch(self) -> Arch:
        """The machine."""
        return self.scene.arch

    def figure(self, step: Step) -> Figure:
        """Seconds of a step, and joules of all its actions and of what leaks meanwhile."""
        seconds = time_step(self.scene, step).cycles / self.arch.clock
        runs = operator_runs(self.scene, 0, 0, step, NOTHING)
        joules = sum(
            action.count * self.price(action.component, action.action)
            for run in runs
            for action in run.actions
        )
        return Figure(seconds, joules + self.leakage * seconds)

    def price(self, component: str, action: str) -> float:
        """Joules of an action."""
        key = component, action
        if key not in self.known:
            technology = load_technology(self.arch.technology)
            self.known[key] = action_price(self.arch.find(component), action, technology).value
        return self.known[key]

    def bit_price(self, memory: str) -> float:
        """Joules that a bit read or written takes at least."""
        width = 8 * memory_of(self.arch.find(memory)).width
        return min(self.price(memory, action) for action in ("read", "write")) / width
