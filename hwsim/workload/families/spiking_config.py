"""The layers of a spiking network by their statistics: shapes, and the rate of the spikes that each hears.

A ``rate`` is the share of neurons that fire in a time step, 0 to 1, of the spikes that go into a layer; a
list has one for each time a surrounding ``repeat`` repeats. Without a rate the input is not binary (an image,
a sum): it counts as multiplications.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from hwsim.spec.model import Spec

Share = Annotated[float, Field(gt=0, le=1)]
Rate = Share | Annotated[list[Share], Field(min_length=1)]
AttentionForm = Literal["ssa", "ssa_linear", "sdsa_1", "sdsa_2", "sdsa_3"]


class Conv(Spec):
    """A convolution over one or two axes; kernel 1 is a product at every place."""

    kind: Literal["conv"]
    name: str
    """The layer's name."""
    channels: PositiveInt
    """Output channels."""
    kernel: PositiveInt = 1
    """Width (and height)."""
    stride: PositiveInt = 1
    """Places between windows."""
    groups: PositiveInt = 1
    """Groups of channels; as many as channels: depth-wise."""
    rate: Rate | None = None
    """Spikes of the input."""


class SparseConv(Spec):
    """A convolution at active sites only: no work where there is no point."""

    kind: Literal["sparse_conv"]
    name: str
    """The layer's name."""
    channels: PositiveInt
    """Output channels."""
    taps: PositiveInt
    """Weights of one kernel (27 for 3 x 3 x 3)."""
    neighbours: Annotated[float, Field(gt=0)]
    """Active sites that a kernel meets on average, itself included."""
    sites: PositiveInt
    """Active sites of the output."""
    rate: Rate | None = None
    """Spikes of the input."""


class Pool(Spec):
    """The maximum over windows."""

    kind: Literal["pool"]
    name: str
    """The layer's name."""
    window: PositiveInt = 2
    """Width and height of a window, and places between windows."""


class Attention(Spec):
    """Spiking attention with its projections: queries, keys, values are spikes, there is no softmax.

    ``ssa``: Q K^T, then V (Spikformer); ``ssa_linear``: K^T V, then Q; ``sdsa_1``: Q masked by the spikes of
    the sum of K V over places (Spike-driven Transformer); ``sdsa_2``: by those of the sum of K alone;
    ``sdsa_3``: spikes of Q (K^T V) (Spike-driven Transformer V2).
    """

    kind: Literal["attention"]
    name: str
    """The layer's name."""
    form: AttentionForm
    """What is done with queries, keys and values."""
    heads: PositiveInt
    """Heads; they divide the channels."""
    rate: Rate
    """Spikes that go into the projections of queries, keys and values."""
    query_rate: Rate
    """Spikes of the queries."""
    key_rate: Rate
    """Spikes of the keys."""
    value_rate: Rate
    """Spikes of the values."""
    output_rate: Rate
    """Spikes that go into the output projection."""
    separable: bool = False
    """Whether a projection is a product, a depth-wise 3 x 3 convolution and a product (RepConv)."""


class Recurrent(Spec):
    """Units that hear the input and each other at every step, ``gates`` products each."""

    kind: Literal["recurrent"]
    name: str
    """The layer's name."""
    features: PositiveInt
    """Units."""
    gates: PositiveInt = 1
    """Products a unit: 3 for a gated recurrent unit."""
    rate: Rate | None = None
    """Spikes of the input."""
    recurrent_rate: Rate
    """Spikes of the units themselves."""


class Combine(Spec):
    """Parts of the channels multiplied into fewer: a gate, keys with values."""

    kind: Literal["combine"]
    name: str
    """The layer's name."""
    channels: PositiveInt
    """Channels left."""


class Mean(Spec):
    """The mean over all places."""

    kind: Literal["mean"]
    name: str
    """The layer's name."""


class Residual(Spec):
    """Layers whose input is added to their output, before anything fires."""

    kind: Literal["residual"]
    name: str
    """The name that those of its layers begin with."""
    layers: Annotated[list[Layer], Field(min_length=1)]
    """What is between; where it changes the shape, a product of kernel 1 does so beside it."""
    shortcut_rate: Rate | None = None
    """Spikes of that product's input."""


class Repeat(Spec):
    """Layers several times over."""

    kind: Literal["repeat"]
    name: str
    """The name that those of its layers begin with; the number follows."""
    times: PositiveInt
    """How often."""
    layers: Annotated[list[Layer], Field(min_length=1)]
    """What is repeated."""


Layer = Annotated[
    Conv | SparseConv | Pool | Attention | Recurrent | Combine | Mean | Residual | Repeat,
    Field(discriminator="kind"),
]
Residual.model_rebuild()
Repeat.model_rebuild()


class SpikingConfig(Spec):
    """A spiking network layer by layer."""

    channels: PositiveInt
    """Channels of the input."""
    places: list[PositiveInt]
    """Its other axes: height and width, points, or tokens; empty for a vector."""
    layers: Annotated[list[Layer], Field(min_length=1)]
    """From the input to the output."""
    weight_bits: Literal[4, 8, 16, 32] = 8
    """Bits of one weight."""
    assumed_rates: str | None = None
    """What is assumed about spike rates, where they are not measured; results repeat it."""


class SpikingParameters(Spec):
    """What a spiking network is run on."""

    timesteps: PositiveInt = 4
    """Time steps that one input is shown for."""
    sequence: bool = False
    """Whether every time step has an input of its own (a token, a frame): a dense network that does the same
    works through all of them, too. Else one input is shown again and again.
    """
    batch: PositiveInt = 1
    """Inputs at once."""
    rate: Share | None = None
    """In place of the rates of all layers with spikes; absent: their own."""
