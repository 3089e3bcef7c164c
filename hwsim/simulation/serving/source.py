"""A language model for any batch: built with three layers for so many tokens, told for all its layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hwsim.simulation.serving.pieces import AttentionShape, Pieces, pieces_of
from hwsim.simulation.serving.stages import Model, Stage
from hwsim.spec.errors import InputError
from hwsim.workload.load import load_workload, read_workload

FAMILY = "transformer_decoder"
"""The family of models that are served."""
BUILT = 3
"""Layers that are built: the first, one in the middle that stands for all others there, the last."""
STEP = 16
"""Prompts of a prefill are padded to a multiple of so many tokens."""


@dataclass(frozen=True)
class Source:
    """A workload of a decoder, by name and ``overrides``, in ``datatype``; bytes of all its weights."""

    name: str
    overrides: tuple[str, ...]
    datatype: str
    layers: int
    weight_bytes: int
    _built: dict[object, Model] = field(default_factory=dict)

    def decode(self, requests: int) -> Model:
        """One more token of each of ``requests``."""
        return self._model(requests, "phase=decode", f"batch={requests}", "context=1")

    def prefill(self, prompts: Sequence[int]) -> Model:
        """The prompts, all as long as they are on average."""
        mean = -(-sum(prompts) // len(prompts))
        padded = -(-mean // STEP) * STEP
        return self._model(len(prompts), "phase=prefill", f"batch={len(prompts)}", f"sequence={padded}")

    def pieces(self, *parameters: str) -> Pieces:
        """The pieces of three layers (or all where they are fewer)."""
        built = f"config.layers={min(self.layers, BUILT)}"
        workload = load_workload(self.name, (*self.overrides, *parameters, built))
        return pieces_of(workload.with_datatype(self.datatype))

    def times(self, stage: Stage) -> int:
        """How often a stage of the built layers occurs in all of them."""
        middle = stage.layer == 1 or (stage.layer < 0 and stage.segment == 1)
        return self.layers - BUILT + 1 if middle and self.layers > BUILT else 1

    @property
    def attention(self) -> AttentionShape:
        """One layer's attention."""
        return self.decode(1).attentions[0]

    def _model(self, tokens: int, *parameters: str) -> Model:
        if parameters not in self._built:
            pieces = self.pieces(*parameters)
            shapes = tuple(
                replace(each.shape, keys=each.shape.tokens, sequences=1) for each in pieces.attentions
            )
            segments = tuple(tuple(piece.shape for piece in each) for each in pieces.segments)
            self._built[parameters] = Model(segments, shapes, tokens)
        return self._built[parameters]


def load_whole(name: str, overrides: tuple[str, ...], datatype: str) -> Pieces:
    """The pieces of all layers for one token."""
    workload = load_workload(name, (*overrides, "phase=decode", "batch=1", "context=1"))
    return pieces_of(workload.with_datatype(datatype))


def source_of(name: str, overrides: tuple[str, ...], datatype: str) -> Source:
    """A decoder's source.

    Raises:
        InputError: there is no such workload, it is no decoder, or its layers are not alike.
    """
    described = read_workload(name).data
    if not isinstance(described, dict) or described.get("family") != FAMILY:
        raise InputError(
            f"workload {name!r} is no decoder: requests are served by a model of family {FAMILY}"
        )
    whole = load_whole(name, overrides, datatype)
    layers = len(whole.attentions)
    if not layers:
        raise InputError(
            f"workload {name!r} has no attention with a cache that requests could fill",
            hint="take a decoder with the usual or grouped heads, such as gpt3_7b or llama3_8b",
        )
    middle = {tuple(piece.shape for piece in each) for each in whole.segments[1:-1]}
    if len(middle) > 1:
        raise InputError(f"the layers of {name!r} are not alike: only models whose layers are can be served")
    return Source(name, overrides, datatype, layers, whole.weight_bytes)
