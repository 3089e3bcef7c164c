"""Networks of searched cells: NASNet, PNASNet, AmoebaNet, DARTS, from their genotypes.

A cell has two states to start from, the outputs of the cell before (0) and of the one before that (1), both
brought to its width; each block adds two operations on earlier states and is a new state; the states listed
last are joined. Batch normalisation is folded into the convolution before it, and the ReLU of a state is
computed once. Source: Zoph et al. 2018 (arXiv:1707.07012), sections 3.1 and A.1.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from hwsim.spec.model import Spec, fault
from hwsim.workload.families.cell_operations import OPERATIONS, CellBuilder, Operation
from hwsim.workload.families.registry import Family
from hwsim.workload.graph import MOST_OPERATORS, Graph
from hwsim.workload.layers.linear import linear
from hwsim.workload.layers.vector import elementwise, normalize, pool
from hwsim.workload.tensor import Tensor


class BlockConfig(Spec):
    """One block: the sum of two operations, each on a state with a smaller number than the block's own."""

    left: tuple[Operation, NonNegativeInt]
    """First operation and the state it works on."""
    right: tuple[Operation, NonNegativeInt]
    """Second operation and the state it works on."""


class CellConfig(Spec):
    """A genotype."""

    blocks: Annotated[tuple[BlockConfig, ...], Field(min_length=1)]
    """Blocks in order; the first one is state 2."""
    joined: Annotated[tuple[NonNegativeInt, ...], Field(min_length=1)]
    """The states whose concatenation is the cell's output."""

    @model_validator(mode="after")
    def _states_exist(self) -> CellConfig:
        for number, block in enumerate(self.blocks):
            for operation, state in (block.left, block.right):
                if state >= number + 2:
                    raise fault(f"{operation} of block {number} reads state {state}", at=("blocks", number))
        if max(self.joined) >= len(self.blocks) + 2:
            raise fault(f"there is no state {max(self.joined)}", at=("joined",))
        return self


class StageConfig(Spec):
    """Cells of one width."""

    filters: PositiveInt
    """Width of every state in the stage."""
    reduction: bool = False
    """Whether a cell that halves height and width comes first."""
    normals: Annotated[int, Field(ge=0, le=MOST_OPERATORS)] = 0
    """How many normal cells follow."""


class CellNetworkConfig(Spec):
    """The shape of a network of cells."""

    image: PositiveInt
    """Height and width of an image."""
    channels: PositiveInt = 3
    """Channels of an image."""
    classes: PositiveInt
    """Classes to tell apart."""
    stem_filters: PositiveInt
    """Width of the first convolution, 3 x 3."""
    stem_stride: PositiveInt
    """Step of the first convolution."""
    normal: CellConfig
    """The cell that keeps height and width."""
    reduction: CellConfig | None = None
    """The cell that halves them; the normal one with strides where none is given."""
    stages: Annotated[tuple[StageConfig, ...], Field(min_length=1)]
    """Stages in order."""
    skip_reduction_input: bool = False
    """Whether a normal cell after a reduction has its state 1, not what it reduced, as state 1."""


class CellNetworkParameters(Spec):
    """What a network of cells is run on."""

    batch: PositiveInt = 1
    """Images at once."""


def build(config: CellNetworkConfig, parameters: CellNetworkParameters) -> Graph:
    """The graph of a network of cells with its classifier."""
    graph = Graph()
    shape = (parameters.batch, config.channels, config.image, config.image)
    image = graph.declare("image", shape, "input")
    stem = CellBuilder(graph, "stem", config.stem_filters)
    first = stem.convolution("conv", image, config.stem_filters, 3, stride=config.stem_stride)
    _classifier(graph, _cells(graph, config, first), config.classes)
    return graph


def _cells(graph: Graph, config: CellNetworkConfig, first: Tensor) -> Tensor:
    """All stages; the output of the last cell."""
    before, now = first, first
    reduction = config.reduction or config.normal
    number = 0
    for stage in config.stages:
        for halves in (True,) * stage.reduction + (False,) * stage.normals:
            cell = CellBuilder(graph, f"cell{number}", stage.filters, 2 if halves else 1)
            out = _cell(cell, reduction if halves else config.normal, now, before)
            before, now = (before if halves and config.skip_reduction_input and stage.normals else now), out
            number += 1
    return now


def _cell(cell: CellBuilder, config: CellConfig, now: Tensor, before: Tensor) -> Tensor:
    aligned = before if before is now else cell.match("previous", before, now.shape[-1])
    states = [cell.squeeze("current", now), aligned]
    for number, block in enumerate(config.blocks):
        sides = []
        for side, (operation, index) in (("left", block.left), ("right", block.right)):
            stride = cell.stride if index < 2 else 1
            sides.append(OPERATIONS[operation](cell, f"block{number}.{side}", states[index], stride))
        states.append(elementwise(cell.graph, f"{cell.name}.block{number}", "add", *sides))
    places = states[-1].shape[-1]
    joined = [cell.reduce(f"output{index}", states[index], places) for index in config.joined]
    return cell.join("output", joined)


def _classifier(graph: Graph, x: Tensor, classes: int) -> None:
    active = elementwise(graph, "classifier.relu", "relu", x)
    area = active.shape[-1] * active.shape[-2]
    pooled = pool(graph, "classifier.pool", "average_pool", active, active.shape[:2], area)
    logits = linear(graph, "classifier", pooled, classes, bias=True)
    normalize(graph, "classifier.softmax", "softmax", logits, classes)


FAMILY = Family("cell_network", CellNetworkConfig, CellNetworkParameters, build)
