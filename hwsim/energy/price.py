"""Prices of what ran: energy per action, area and leakage of every component, each with its source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch
from hwsim.arch.technology import Price, Technology
from hwsim.simulation.execution import ActionCount, Execution
from hwsim.spec.errors import InputError, did_you_mean


@dataclass(frozen=True, slots=True)
class PricedComponent:
    """One component, all its instances together: joules, square metres (None: unknown), watts leaked."""

    component: Component
    dynamic_energy: float
    leakage_energy: float
    area: Price | None
    leakage: Price | None


@dataclass(frozen=True, slots=True)
class Prices:
    """Joules of one action of each (component, action) that occurs, and the components' totals."""

    actions: dict[tuple[str, str], Price]
    components: tuple[PricedComponent, ...]

    @property
    def dynamic_energy(self) -> float:
        """Joules of all actions."""
        return sum(part.dynamic_energy for part in self.components)

    @property
    def leakage_energy(self) -> float:
        """Joules leaked by all components over the run."""
        return sum(part.leakage_energy for part in self.components)

    @property
    def area(self) -> float | None:
        """Square metres of all components whose area is known; None if none is."""
        known = [part.area.value for part in self.components if part.area]
        return sum(known) if known else None

    def energy(self, action: ActionCount) -> float:
        """Joules of an action count."""
        return action.count * self.actions[action.component, action.action].value


def price(execution: Execution, arch: Arch, technology: Technology) -> Prices:
    """Price a run: energy = sum of action counts x energy per action + leakage x time.

    Raises:
        InputError: an action has no price in the machine's description nor in the technology table.
    """
    seconds = execution.cycles / arch.clock
    actions: dict[tuple[str, str], Price] = {}
    joules: dict[str, float] = {}
    for run in execution.operators:
        for action in run.actions:
            key = (action.component, action.action)
            if key not in actions:
                actions[key] = action_price(arch.find(action.component), action.action, technology)
            joules[action.component] = joules.get(action.component, 0.0) + action.count * actions[key].value
    parts = tuple(_priced(part, technology, seconds, joules.get(part.name, 0.0)) for part in arch.walk())
    return Prices(actions, parts)


def leakage_watts(arch: Arch, technology: Technology) -> float:
    """Watts that all components of a machine leak."""
    return sum(_priced(part, technology, 1.0, 0.0).leakage_energy for part in arch.walk())


def action_price(component: Component, action: str, technology: Technology) -> Price:
    """Joules of one action: the description's own figure, else the technology's.

    Raises:
        InputError: neither has one.
    """
    own = component.attributes.energy
    if action in own:
        return Price(own[action], component.source_of(f"energy.{action}"))
    with _placed(component):
        table = component.attributes.action_energies(technology)
    if action not in table:
        raise InputError(
            f"component {component.name!r} ({component.class_name}) has no energy for action {action!r} "
            f"in technology {technology.name!r}",
            hint=f"{did_you_mean(action, table)} or give it under the component's 'energy:'",
        )
    return table[action]


@contextmanager
def _placed(component: Component) -> Iterator[None]:
    """Place what a technology does not know at the value that asks for it."""
    try:
        yield
    except InputError as error:
        position = component.position_of("device", "datatype")
        raise error.at(position) if position else error from error


def _priced(component: Component, technology: Technology, seconds: float, joules: float) -> PricedComponent:
    attributes = component.attributes
    with _placed(component):
        area, leakage = attributes.area_price(technology), attributes.leakage_price(technology)
    if attributes.area is not None:
        area = Price(attributes.area, component.source_of("area"))
    if attributes.leakage is not None:
        leakage = Price(attributes.leakage, component.source_of("leakage"))
    many, count = component.instances, f"{component.instances} instances"
    area = area.times(many, count) if area and many > 1 else area
    leakage = leakage.times(many, count) if leakage and many > 1 else leakage
    return PricedComponent(component, joules, leakage.value * seconds if leakage else 0.0, area, leakage)
