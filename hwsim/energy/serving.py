"""Energy of a served trace: action counts times their prices, and leakage times its time."""

from __future__ import annotations

from hwsim.arch.machine import Arch
from hwsim.energy.load import load_technology
from hwsim.energy.price import action_price
from hwsim.simulation.serving.server import Served


def energy_of(arch: Arch, served: Served) -> dict[str, float]:
    """Joules by component, and ``leakage`` of all of them.

    Raises:
        InputError: an action has no price.
    """
    technology = load_technology(arch.technology)
    found: dict[str, float] = {}
    for (component, action), number in sorted(served.counts.totals.items()):
        if number:
            price = action_price(arch.find(component), action, technology)
            found[component] = found.get(component, 0.0) + number * price.value
    found["leakage"] = served.seconds * sum(_leakage(arch, part.name) for part in arch.walk())
    return found


def _leakage(arch: Arch, name: str) -> float:
    """Watts of all instances of a component."""
    part = arch.find(name)
    if part.attributes.leakage is not None:
        return part.instances * part.attributes.leakage
    price = part.attributes.leakage_price(load_technology(arch.technology))
    return part.instances * price.value if price else 0.0
