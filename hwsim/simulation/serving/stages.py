"""An iteration as stages: a segment of the model on the NPU, attention in the banks, or both at once.

Sub-batches (NeuPIMs): the batch is cut in two; while one half is on the NPU the other is in the banks. A
stage ends when both sides have ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.simulation.serving.assignment import Channels, count
from hwsim.simulation.serving.pieces import AttentionShape, Shape
from hwsim.simulation.serving.system import Load

Shapes = tuple[Shape, ...]
WHOLE, FIRST, SECOND = "whole", "first", "second"


@dataclass(frozen=True, slots=True)
class Model:
    """What an iteration does for one batch: ``segments`` for its tokens, one more than ``attentions``."""

    segments: tuple[Shapes, ...]
    attentions: tuple[AttentionShape, ...]
    tokens: int

    def part(self, tokens: int) -> Model:
        """The same model for fewer tokens."""
        return Model(
            tuple(tuple(scaled(each, tokens, self.tokens) for each in shapes) for shapes in self.segments),
            self.attentions,
            tokens,
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """``segment`` of the model for sub-batch ``part`` on the NPU, and attention ``layer`` of ``other`` beside
    it; -1: nothing there.
    """

    segment: int
    part: str
    layer: int
    other: str


@dataclass(frozen=True, slots=True)
class StageTime:
    """Seconds of a stage, of its NPU side with what it waits for, and of its PIM side."""

    seconds: float
    npu: float
    pim: float


def scaled(shape: Shape, tokens: int, whole: int) -> Shape:
    """A piece for ``tokens`` of ``whole``: rows, elements and sums in proportion, weights as they are."""
    from dataclasses import replace

    beside = -(-(shape.moved - shape.weights) * tokens // whole)
    if shape.kind == "product" and shape.weights:
        return replace(shape, M=max(1, -(-shape.M * tokens // whole)), moved=shape.weights + beside)
    return replace(
        shape,
        batch=max(1, -(-shape.batch * tokens // whole)),
        elements=-(-shape.elements * tokens // whole),
        moved=shape.weights + beside,
        reduced=-(-shape.reduced * tokens // whole),
    )


def one_after_another(layers: int) -> Iterator[Stage]:
    """All of the batch: a segment, then attention in the banks, and so on."""
    for layer in range(layers):
        yield Stage(layer, WHOLE, -1, WHOLE)
        yield Stage(-1, WHOLE, layer, WHOLE)
    yield Stage(layers, WHOLE, -1, WHOLE)


def interleaved(layers: int) -> Iterator[Stage]:
    """Two sub-batches, half a layer apart."""
    yield Stage(0, FIRST, -1, SECOND)
    for layer in range(layers):
        yield Stage(layer, SECOND, layer, FIRST)
        yield Stage(layer + 1, FIRST, layer, SECOND)
    yield Stage(layers, SECOND, -1, FIRST)


def both(npu: Load, pim: float, slowed: tuple[float, float]) -> StageTime:
    """A segment and attention beside each other, by rates: ``slowed`` says how many times as long PIM and a
    full stream of reads take while both are at work; reads take part as far as they fill the segment's time.
    """
    if not pim or not npu.alone:
        return StageTime(npu.alone + pim, npu.alone, pim)
    pim_factor, read_factor = slowed
    if read_factor == float("inf"):
        end = max(npu.alone, npu.memory + pim)
        return StageTime(end, end, pim)
    filled = min(1.0, npu.memory / npu.alone)
    slow_pim = pim * (1 + (pim_factor - 1) * filled)
    slow_npu = max(npu.alone, npu.memory * read_factor + npu.exchange)
    if slow_pim <= slow_npu:
        end = slow_pim + npu.alone * (1 - slow_pim / slow_npu)
        return StageTime(end, end, slow_pim)
    end = slow_npu + pim * (1 - slow_npu / slow_pim)
    return StageTime(end, slow_npu, end)


def parts_of(
    model: Model, channels: Channels, split: tuple[Channels, Channels]
) -> dict[str, tuple[Model, Channels]]:
    """The whole batch and its two sub-batches by name."""
    found = {WHOLE: (model, channels)}
    for name, some in zip((FIRST, SECOND), split, strict=True):
        found[name] = (model.part(max(1, count(some))), some)
    return found
