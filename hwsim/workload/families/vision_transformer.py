"""The vision transformer (Dosovitskiy et al. 2021, arXiv:2010.11929): an encoder over patches."""

from __future__ import annotations

from pydantic import PositiveInt, model_validator

from hwsim.spec.model import Spec, fault
from hwsim.workload.families.blocks import add
from hwsim.workload.families.registry import Family
from hwsim.workload.families.transformer_encoder import StackConfig, encoder_stack
from hwsim.workload.graph import Graph
from hwsim.workload.layers.conv import Sliding, convolution
from hwsim.workload.layers.linear import linear
from hwsim.workload.layers.move import cut, move
from hwsim.workload.tensor import Tensor


class VisionConfig(StackConfig):
    """The shape of a vision transformer."""

    image: PositiveInt
    """Height and width of an image."""
    patch: PositiveInt
    """Height and width of a patch; it divides ``image``."""
    channels: PositiveInt = 3
    """Channels of an image."""
    classes: PositiveInt
    """Classes to tell apart."""
    norm_first: bool = True
    """Whether layers normalise their input (and the stack its output) rather than their sums."""

    @model_validator(mode="after")
    def _patches_fit(self) -> VisionConfig:
        if self.image % self.patch:
            raise fault(f"patches of {self.patch} do not divide an image of {self.image}", at=("patch",))
        return self


class VisionParameters(Spec):
    """What a vision transformer is run on."""

    batch: PositiveInt = 1
    """Images at once."""


def build(config: VisionConfig, parameters: VisionParameters) -> Graph:
    """The graph of a vision transformer with its classifier."""
    graph = Graph()
    shape = (parameters.batch, config.channels, config.image, config.image)
    x = _embeddings(graph, config, graph.declare("image", shape, "input"))
    x = encoder_stack(graph, config, x)
    first = cut(graph, "class_token_output", "slice", x, (parameters.batch, config.hidden))
    linear(graph, "classifier", first, config.classes, bias=True)
    return graph


def _embeddings(graph: Graph, config: VisionConfig, image: Tensor) -> Tensor:
    """A projection of each patch, a learned token before them, and learned positions."""
    side = config.image // config.patch
    kernel = (config.patch, config.patch)
    weight = graph.weight("patch_embedding.weight", (config.hidden, config.channels, *kernel))
    bias = graph.weight("patch_embedding.bias", (config.hidden,))
    sliding = Sliding(kernel, kernel, (0, 0, 0, 0), (1, 1))
    patches = convolution(graph, "patch_embedding", image, weight, bias, sliding)
    batch, width, count = image.shape[0], config.hidden, side * side
    tokens = move(graph, "patch_tokens", "transpose", (patches,), (batch, count, width))
    first = graph.weight("class_token", (1, 1, width))
    tokens = move(graph, "all_tokens", "concat", (first, tokens), (batch, count + 1, width))
    return add(graph, "embedding", tokens, graph.weight("position_embedding", (1, count + 1, width)))


FAMILY = Family("vision_transformer", VisionConfig, VisionParameters, build)
