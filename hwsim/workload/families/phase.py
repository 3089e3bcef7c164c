"""What a transformer is run on: batch, lengths and phase, and how many pairs its masks leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt

from hwsim.spec.model import Spec
from hwsim.workload.families.routing import Routing, check_routing

Layers = Annotated[int, Field(gt=0, le=2048)]
"""How many layers a stack has."""


class EncoderParameters(Spec):
    """What an encoder is run on."""

    batch: PositiveInt = 1
    """Sequences at once."""
    sequence: PositiveInt = 512
    """Tokens of each sequence."""


class DecoderParameters(Spec):
    """What a decoder is run on."""

    batch: PositiveInt = 1
    """Sequences at once."""
    sequence: PositiveInt = 2048
    """Tokens of each prompt."""
    phase: Literal["prefill", "decode"] = "prefill"
    """``prefill`` reads the prompt; ``decode`` makes one more token of each sequence."""
    context: NonNegativeInt | None = None
    """Tokens already in the cache, which the new ones attend to besides themselves.

    Where none is given: 0 in prefill, ``sequence`` in decode.
    """
    logits: Literal["last", "all"] = "last"
    """Whether the last token of each sequence or every one goes through the language-model head."""
    routing: Annotated[Routing, AfterValidator(check_routing)] = "uniform"
    """How tokens spread over experts: ``uniform``, ``zipf:S`` (the n-th gets a share n^-S) or shares."""
    latent_attention: Literal["auto", "naive", "absorbed"] = "auto"
    """For multi-head latent attention: keys and values expanded for each head, or their projections absorbed
    into query and output. ``auto`` is naive in prefill and absorbed in decode, the cheaper of the two each
    time."""

    @property
    def latent_form(self) -> Literal["naive", "absorbed"]:
        """How latent attention is computed."""
        if self.latent_attention == "auto":
            return "absorbed" if self.phase == "decode" else "naive"
        return self.latent_attention

    @property
    def span(self) -> Span:
        """Which tokens are new and which are in the cache."""
        if self.phase == "decode":
            return Span(1, self.sequence if self.context is None else self.context)
        return Span(self.sequence, self.context or 0)


@dataclass(frozen=True, slots=True)
class Span:
    """``new`` tokens after ``cached`` ones; a token sees the last ``window``, itself included."""

    new: int
    cached: int = 0
    window: int | None = None
    causal: bool = True

    @property
    def keys(self) -> int:
        """Tokens with keys: the cache of a sliding window holds no more than any query needs."""
        everything = self.cached + self.new
        return everything if self.window is None else min(everything, self.window + self.new - 1)

    @property
    def pairs(self) -> int:
        """Pairs of a new token and one it sees: the i-th new one sees min(cached + i, window)."""
        if not self.causal:
            return self.new * self.keys
        full = self.new * self.cached + self.new * (self.new + 1) // 2
        if self.window is None or self.cached + self.new <= self.window:
            return full
        late = min(self.new, self.cached + self.new - self.window)
        return full - (self.cached + self.new - self.window) * late + late * (late - 1) // 2

    @property
    def masked(self) -> bool:
        """Whether some pair of a new token and a key is left out."""
        return self.pairs < self.new * self.keys
