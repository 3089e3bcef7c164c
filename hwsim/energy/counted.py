"""The energy of actions that are counted but not executed: closed forms of fused attention.

Energy = counts x energy per action, component by component. Nothing leaks here, as in the figures that these
are compared with; a run adds leakage x time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hwsim.arch.machine import Arch
from hwsim.arch.technology import Technology
from hwsim.energy.price import action_price
from hwsim.mapping.fused.actions import Count


@dataclass(frozen=True, slots=True)
class Share:
    """Joules of one kind of action of a component."""

    component: str
    action: str
    energy: float


def energy_shares(arch: Arch, technology: Technology, counts: Iterable[Count]) -> tuple[Share, ...]:
    """The joules of every action.

    Raises:
        InputError: an action has no price.
    """
    return tuple(
        Share(each.component, each.action, each.count * _joules(arch, technology, each)) for each in counts
    )


def _joules(arch: Arch, technology: Technology, count: Count) -> float:
    return action_price(arch.find(count.component), count.action, technology).value
