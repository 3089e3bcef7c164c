"""Vector work: element-wise functions, and reductions over fibers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hwsim.spec.errors import InputError
from hwsim.workload.graph import INDEX_DATATYPE, Graph, Shape
from hwsim.workload.layers.work import (
    BATCHNORM,
    BIAS,
    ELEMENTWISE,
    FIBERWISE,
    MOVE,
    ROTARY,
    ROTARY_TABLE,
    SCALE,
    local_response_work,
    selective_scan_work,
    together,
    top_k_work,
)
from hwsim.workload.operator import Access, Operator
from hwsim.workload.tensor import Tensor


def apply_work(
    graph: Graph,
    name: str,
    kind: str,
    inputs: Sequence[Tensor],
    shape: Shape,
    functions: tuple[tuple[str, int], ...],
    *,
    fiber: int = 1,
    passes: int = 1,
    touched: tuple[tuple[Tensor, float], ...] = (),
    datatype: str | None = None,
) -> Tensor:
    """Add a vector operator ``name`` and return its output of ``shape``, of the same name."""
    result = graph.declare(name, shape, datatype=datatype)
    reads = tuple(graph.whole(tensor) for tensor in inputs)
    parts = tuple((graph.storage(tensor), fraction) for tensor, fraction in touched)
    graph.add(
        Operator(
            name, kind, reads, (Access(name),), functions=functions, fiber=fiber, passes=passes, touched=parts
        )
    )
    return result


def elementwise(graph: Graph, name: str, kind: str, *inputs: Tensor) -> Tensor:
    """An operator of :data:`ELEMENTWISE` over inputs broadcast to each other: n inputs are n - 1 steps."""
    shape = broadcast(*(tensor.shape for tensor in inputs))
    steps = max(1, len(inputs) - 1)
    return apply_work(graph, name, kind, inputs, shape, ELEMENTWISE[kind].total(steps * math.prod(shape)))


def broadcast(*shapes: Shape) -> Shape:
    """The common shape by numpy's rule: aligned at the last axis, sizes of 1 stretch.

    Raises:
        InputError: two sizes differ and neither is 1.
    """
    result: list[int] = []
    for axis in range(1, max(map(len, shapes), default=0) + 1):
        sizes = {shape[-axis] for shape in shapes if axis <= len(shape)} - {1}
        if len(sizes) > 1:
            texts = " and ".join(str(list(shape)) for shape in shapes)
            raise InputError(f"shapes {texts} do not fit together: an axis has sizes {sorted(sizes)}")
        result.append(sizes.pop() if sizes else 1)
    return tuple(reversed(result))


def normalize(
    graph: Graph, name: str, kind: str, x: Tensor, fiber: int, parameters: Sequence[Tensor] = ()
) -> Tensor:
    """``softmax``, ``layernorm`` ... over fibers of ``fiber`` elements; the output has the shape of ``x``."""
    work = FIBERWISE[kind]
    functions = work.total(x.elements, x.elements // fiber)
    return apply_work(
        graph, name, kind, (x, *parameters), x.shape, functions, fiber=fiber, passes=work.passes
    )


def attention_softmax(
    graph: Graph, name: str, scores: Tensor, *added: Tensor, scaled: bool = True, masked: bool = False
) -> Tensor:
    """Softmax of attention scores along their last axis, after scaling and the addition of ``added`` and a
    mask.

    The mask is computed from positions, not read. Every score of the dense matrix is worked on.
    """
    biases = [BIAS] * (len(added) + masked)
    work = together(FIBERWISE["softmax"], *biases, *([SCALE] if scaled else []))
    fiber = scores.shape[-1]
    functions = work.total(scores.elements, scores.elements // fiber)
    inputs = (scores, *added)
    return apply_work(
        graph, name, "softmax", inputs, scores.shape, functions, fiber=fiber, passes=work.passes
    )


def reduce(
    graph: Graph, name: str, kind: str, x: Tensor, shape: Shape, datatype: str | None = None
) -> Tensor:
    """Reduce ``x`` to ``shape``; a fiber is what goes into one element of the output."""
    fibers = math.prod(shape)
    functions = FIBERWISE[kind].total(x.elements, fibers)
    return apply_work(
        graph, name, kind, (x,), shape, functions, fiber=x.elements // fibers, datatype=datatype
    )


def pool(graph: Graph, name: str, kind: str, x: Tensor, shape: Shape, window: int) -> Tensor:
    """Pool windows of ``window`` elements of ``x`` into ``shape``."""
    fibers = math.prod(shape)
    functions = FIBERWISE[kind].total(fibers * window, fibers)
    return apply_work(graph, name, kind, (x,), shape, functions, fiber=window)


def batchnorm(graph: Graph, name: str, x: Tensor, parameters: Sequence[Tensor]) -> Tensor:
    """Batch normalisation at inference; ``parameters`` are gain, bias, mean and variance of each channel."""
    functions = BATCHNORM.total(x.elements, parameters[0].elements)
    return apply_work(graph, name, "batchnorm", (x, *parameters), x.shape, functions)


def local_response(graph: Graph, name: str, x: Tensor, size: int) -> Tensor:
    """Local response normalisation over ``size`` neighbouring channels."""
    functions = local_response_work(size).total(x.elements)
    return apply_work(graph, name, "local_response", (x,), x.shape, functions, fiber=size)


def top_k(graph: Graph, name: str, x: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The ``k`` largest elements along the last axis, called ``name``, and their places, ``name.indices``."""
    shape = (*x.shape[:-1], k)
    values, places = (
        graph.declare(name, shape),
        graph.declare(f"{name}.indices", shape, datatype=INDEX_DATATYPE),
    )
    functions = top_k_work(k).total(x.elements)
    outputs = (Access(values.name), Access(places.name))
    graph.add(Operator(name, "top_k", (graph.whole(x),), outputs, functions=functions, fiber=x.shape[-1]))
    return values, places


def rotary_table(graph: Graph, name: str, positions: int, width: int) -> Tensor:
    """Sine and cosine of every position and every pair of a rotary embedding of ``width`` values."""
    functions = ROTARY_TABLE.total(positions * width // 2)
    return apply_work(graph, name, "rotary_table", (), (positions, width), functions)


def rotary(graph: Graph, name: str, x: Tensor, table: Tensor, width: int) -> Tensor:
    """``x`` with the last ``width`` values of its last axis rotated by the angles of ``table``."""
    rotated = x.elements // x.shape[-1] * width
    still = MOVE.total(x.elements - rotated)
    return apply_work(graph, name, "rotary", (x, table), x.shape, (*ROTARY.total(rotated // 2), *still))


def selective_scan(graph: Graph, name: str, x: Tensor, others: Sequence[Tensor], state: Tensor) -> Tensor:
    """Mamba's recurrence over the tokens of ``x`` [B, L, C], which leaves ``state`` [B, C, N] behind.

    Where ``others``, what it reads besides ``x``, has ``state`` in it, that is updated in place; else it
    starts at 0.
    """
    result = graph.declare(name, x.shape)
    reads = tuple(graph.whole(tensor) for tensor in (x, *others))
    outputs = (Access(name), Access(state.name))
    functions = selective_scan_work(state.shape[-1]).total(x.elements)
    graph.add(Operator(name, "selective_scan", reads, outputs, functions=functions, fiber=x.shape[1]))
    return result
