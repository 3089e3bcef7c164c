"""The first layers of published networks, which papers charge as multiplications."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import PositiveInt

from hwsim.spec.document import load_document
from hwsim.spec.model import Spec, validate

FILE = Path(__file__).with_name("stems.yaml")


class StemEntry(Spec):
    """One family of networks."""

    pattern: str
    """The names of the family, as a regular expression."""
    kernel: PositiveInt
    """Width and height of the convolution."""
    pixels: PositiveInt
    """Positions of its output."""
    inputs: PositiveInt
    """Input channels."""
    channels: PositiveInt | None = None
    """Output channels, where all networks of the family have the same."""
    dim_over_channels: PositiveInt | None = None
    """Embedding dimension over output channels, where they follow from the name."""
    classes: PositiveInt
    """Outputs of the classifier."""
    source: str
    """Where this comes from."""


class StemFile(Spec):
    """Every family known."""

    stems: list[StemEntry]
    """The families; the first whose pattern a name begins with counts."""


@dataclass(frozen=True, slots=True)
class Stem:
    """The stem of one network: multiply-accumulates of one time step for each output channel, and channels;
    ``head`` are those of the classifier with its biases, None where the name does not tell.
    """

    macs_per_channel: int
    channels: int
    head: int | None
    source: str

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one time step."""
        return self.macs_per_channel * self.channels


def stem_of(model: str) -> Stem | None:
    """The stem of the network called ``model``, None where its family is not known."""
    for entry in _entries():
        match = re.match(entry.pattern, model, re.IGNORECASE)
        if match:
            dim = int(match["dim"]) if "dim" in match.groupdict() else None
            return _stem(entry, dim)
    return None


def _stem(entry: StemEntry, dim: int | None) -> Stem:
    channels = entry.channels or (dim or 0) // (entry.dim_over_channels or 1)
    head = (dim + 1) * entry.classes if dim else None
    return Stem(entry.kernel**2 * entry.inputs * entry.pixels, channels, head, entry.source)


@cache
def _entries() -> tuple[StemEntry, ...]:
    return tuple(validate(StemFile, load_document(FILE)).stems)
