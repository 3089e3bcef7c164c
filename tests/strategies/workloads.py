"""Random small workloads: graphs of convolutions, products and vector work that fit together.

``workload_texts`` draws the YAML of one, ``workloads`` the workload itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from hwsim.spec.document import parse_document
from hwsim.workload.explicit import build_explicit
from hwsim.workload.text import workload_text
from hwsim.workload.workload import Workload

Shape = tuple[int, ...]
Operator = dict[str, Any]

ELEMENTWISE = ("relu", "gelu", "sigmoid", "exp", "silu", "hard_swish", "scale")


@st.composite
def workload_texts(draw: st.DrawFn, max_operators: int = 8, max_size: int = 12) -> str:
    """The YAML of a workload: each operator reads the last tensor, or two earlier ones of equal shape."""
    image = draw(st.booleans())
    axes = 3 if image else 2
    shape = tuple(draw(st.integers(1, max_size)) for _ in range(axes))
    batch = draw(st.integers(1, 3))
    known: list[tuple[str, Shape]] = [("x", shape)]
    operators: list[Operator] = []
    for number in range(draw(st.integers(1, max_operators))):
        operator, shape = draw(_next(f"op{number}", known))
        operators.append(operator)
        known.append((operator["name"], shape))
    tensors = {"x": {"shape": ["batch", *known[0][1]], "kind": "input"}}
    head = {"name": "random", "parameters": {"batch": batch}}
    return workload_text(head, {"tensors": tensors, "operators": operators})


def workloads(max_operators: int = 8, max_size: int = 12) -> st.SearchStrategy[Workload]:
    """A random small workload."""
    texts = workload_texts(max_operators, max_size)
    return texts.map(lambda text: build_explicit(parse_document(text, "random.yaml")))


@st.composite
def _next(draw: st.DrawFn, name: str, known: list[tuple[str, Shape]]) -> tuple[Operator, Shape]:
    source, shape = known[-1] if draw(st.booleans()) else draw(st.sampled_from(known))
    makers: list[Callable[..., st.SearchStrategy[tuple[Operator, Shape]]]] = [_elementwise, _norm, _reshape]
    makers += [_conv, _pool] if len(shape) == 3 else []
    makers += [_linear, _self_product] if len(shape) == 2 else []
    makers += [_linear] if len(shape) == 1 else []
    partners = [other for other, theirs in known if theirs == shape]
    makers += [_add, _concat] if len(partners) > 1 else []
    maker = draw(st.sampled_from(makers))
    return draw(maker(name, source, shape, partners))


@st.composite
def _elementwise(draw: st.DrawFn, name: str, source: str, shape: Shape, _: Any) -> tuple[Operator, Shape]:
    return {"name": name, "kind": draw(st.sampled_from(ELEMENTWISE)), "inputs": [source]}, shape


@st.composite
def _norm(draw: st.DrawFn, name: str, source: str, shape: Shape, _: Any) -> tuple[Operator, Shape]:
    kind = draw(st.sampled_from(("softmax", "layernorm", "rmsnorm", "batchnorm")))
    return {"name": name, "kind": kind, "inputs": [source]}, shape


@st.composite
def _reshape(draw: st.DrawFn, name: str, source: str, shape: Shape, _: Any) -> tuple[Operator, Shape]:
    if len(shape) == 1:
        return {"name": name, "kind": "reshape", "inputs": [source], "shape": ["batch", 1, *shape]}, (
            1,
            *shape,
        )
    cut = draw(st.integers(1, len(shape) - 1))
    merged = 1
    for size in shape[cut - 1 : cut + 1]:
        merged *= size
    new = (*shape[: cut - 1], merged, *shape[cut + 1 :])
    return {"name": name, "kind": "reshape", "inputs": [source], "shape": ["batch", *new]}, new


@st.composite
def _conv(draw: st.DrawFn, name: str, source: str, shape: Shape, _: Any) -> tuple[Operator, Shape]:
    channels, *sides = shape
    kernel = [draw(st.integers(1, min(3, side))) for side in sides]
    stride = draw(st.integers(1, 3))
    padding = draw(st.integers(0, 1))
    groups = draw(st.sampled_from([g for g in range(1, channels + 1) if channels % g == 0]))
    filters = groups * draw(st.integers(1, 4))
    operator = {
        "name": name,
        "kind": "conv2d",
        "inputs": [source],
        "filters": filters,
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "groups": groups,
        "bias": draw(st.booleans()),
    }
    places = [(side + 2 * padding - taps) // stride + 1 for side, taps in zip(sides, kernel, strict=True)]
    return operator, (filters, *places)


@st.composite
def _pool(draw: st.DrawFn, name: str, source: str, shape: Shape, _: Any) -> tuple[Operator, Shape]:
    kind = draw(st.sampled_from(("max_pool", "average_pool")))
    kernel = draw(st.integers(1, min(3, *shape[1:])))
    operator = {"name": name, "kind": kind, "inputs": [source], "kernel": kernel, "stride": kernel}
    return operator, (shape[0], *((side - kernel) // kernel + 1 for side in shape[1:]))


@st.composite
def _linear(draw: st.DrawFn, name: str, source: str, shape: Shape, _: Any) -> tuple[Operator, Shape]:
    features = draw(st.integers(1, 12))
    operator = {
        "name": name,
        "kind": "linear",
        "inputs": [source],
        "features": features,
        "bias": draw(st.booleans()),
    }
    return operator, (*shape[:-1], features)


@st.composite
def _self_product(draw: st.DrawFn, name: str, source: str, shape: Shape, _: Any) -> tuple[Operator, Shape]:
    left = draw(st.booleans())
    swaps = {"transpose_left": True} if left else {"transpose_right": True}
    side = shape[1] if left else shape[0]
    return {"name": name, "kind": "matmul", "inputs": [source, source], **swaps}, (side, side)


@st.composite
def _add(
    draw: st.DrawFn, name: str, source: str, shape: Shape, partners: list[str]
) -> tuple[Operator, Shape]:
    other = draw(st.sampled_from(partners))
    return {
        "name": name,
        "kind": draw(st.sampled_from(("add", "multiply"))),
        "inputs": [source, other],
    }, shape


@st.composite
def _concat(
    draw: st.DrawFn, name: str, source: str, shape: Shape, partners: list[str]
) -> tuple[Operator, Shape]:
    other = draw(st.sampled_from(partners))
    operator = {"name": name, "kind": "concat", "inputs": [source, other], "axis": 1}
    return operator, (2 * shape[0], *shape[1:])
