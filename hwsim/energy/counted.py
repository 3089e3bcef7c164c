"""The energy of actions that are counted but not executed: closed forms of fused attention.

Energy = counts x energy per action + leakage x time, component by component, as for a run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch
from hwsim.arch.technology import Technology
from hwsim.energy.price import action_price
from hwsim.mapping.fused.actions import Count


@dataclass(frozen=True, slots=True)
class Share:
    """Joules of one kind of action of a component; the action ``leakage`` is what it leaks all the time."""

    component: str
    action: str
    energy: float


def energy_shares(
    arch: Arch, technology: Technology, counts: Iterable[Count], seconds: float
) -> tuple[Share, ...]:
    """The joules of every action, then of every component's leakage over ``seconds``.

    Raises:
        InputError: an action has no price.
    """
    dynamic = (
        Share(each.component, each.action, each.count * _joules(arch, technology, each)) for each in counts
    )
    leaked = (Share(part.name, "leakage", _watts(part, technology) * seconds) for part in arch.walk())
    return (*dynamic, *(share for share in leaked if share.energy))


def _joules(arch: Arch, technology: Technology, count: Count) -> float:
    return action_price(arch.find(count.component), count.action, technology).value


def _watts(part: Component, technology: Technology) -> float:
    """Watts that all instances of a component leak."""
    own = part.attributes.leakage
    if own is not None:
        return own * part.instances
    price = part.attributes.leakage_price(technology)
    return price.value * part.instances if price else 0.0
