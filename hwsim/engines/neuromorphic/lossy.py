"""Combinations of time-step buffer and dendrite that lose spikes without a word in SANA-FE 2.2.9.

Found there with nets of three neurons (the table "Oddities of the tool" of hwsim's reference cases); a
result for such a chip would not be what its network says, so hwsim refuses them by name.
"""

from __future__ import annotations

from hwsim.arch.component import Component
from hwsim.engines.neuromorphic.parts import Dendrite, NeuromorphicCore
from hwsim.spec.errors import InputError

_LOSSY = {
    ("soma", False, "accumulator_with_delay"): (
        "isolated spikes are lost: a charge is delivered only if another message reaches the neuron when it "
        "is due"
    ),
    ("dendrite", True, "accumulator"): "the dendrite always reads zero: no target ever fires",
    ("dendrite", False, "accumulator"): "only the last synaptic current of a time step survives",
    ("dendrite", False, "accumulator_with_delay"): "what is delivered when is not defined",
}
_SOUND = (
    "use buffer: soma with model: accumulator, or buffer: dendrite and buffer_inside_unit: true with model: "
    "accumulator_with_delay"
)


def refuse_lossy(core: NeuromorphicCore, dendrites: tuple[Component, ...], component: Component) -> None:
    """Refuse a core whose dendrites and time-step buffer do not go together.

    Raises:
        InputError: names the combination and what it loses.
    """
    for part in dendrites:
        assert isinstance(part.attributes, Dendrite)
        model = part.attributes.model
        inside = core.buffer_inside_unit and core.buffer == "dendrite"
        reason = _LOSSY.get((core.buffer, inside, model))
        if reason:
            where = f"{core.buffer} ({'inside' if inside else 'outside'} the unit)"
            raise InputError(
                f"core {component.name!r}: a buffer at the {where} with dendrite {part.name!r} of model "
                f"{model!r} loses spikes: {reason}",
                part.position_of("model") or component.position_of("buffer"),
                _SOUND,
            )
