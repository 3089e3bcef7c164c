"""Contractions compute what they claim: their coordinates, walked point by point, against direct formulas."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError
from hwsim.workload.contraction import as_matmul
from hwsim.workload.explicit import build_explicit
from hwsim.workload.layers.contract import projection
from hwsim.workload.operator import Coordinate


def build(text):
    return build_explicit(parse_document(text, "w.yaml"))


def walk(op, arrays, shape):
    """The output of contraction ``op``, by visiting every point; outside an operand there are zeros."""
    out = np.zeros(shape)
    names = [rank for rank, _ in op.ranks]
    for point in itertools.product(*(range(size) for _, size in op.ranks)):
        place = dict(zip(names, point, strict=True))
        factors = [value_at(arrays[part.tensor], at(part, place)) for part in op.inputs[:2]]
        target = at(op.outputs[0], place)
        if all(0 <= index < size for index, size in zip(target, shape, strict=True)):
            out[target] += factors[0] * factors[1]
    return out


def at(access, place):
    return tuple(
        part.offset + sum(factor * place[rank] for rank, factor in part.terms) for part in access.coordinates
    )


def value_at(array, index):
    inside = all(0 <= each < size for each, size in zip(index, array.shape, strict=True))
    return array[index] if inside else 0.0


def arrays_of(workload, seed=0):
    dice = np.random.default_rng(seed)
    return {
        name: dice.integers(-4, 5, tensor.shape).astype(float) for name, tensor in workload.tensors.items()
    }


def direct_convolution(x, weight, stride, padding, dilation, groups):
    """The textbook sum over an input that is padded with zeros."""
    top, left, bottom, right = padding
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
    filters, channels, rows, columns = weight.shape
    height = (x.shape[2] - dilation * (rows - 1) - 1) // stride + 1
    width = (x.shape[3] - dilation * (columns - 1) - 1) // stride + 1
    out = np.zeros((x.shape[0], filters, height, width))
    for image, f, p, q in np.ndindex(out.shape):
        first = f // (filters // groups) * channels
        window = x[image, first : first + channels, p * stride :, q * stride :]
        window = window[:, : dilation * (rows - 1) + 1 : dilation, : dilation * (columns - 1) + 1 : dilation]
        out[image, f, p, q] = np.sum(window * weight[f])
    return out


@given(
    st.integers(1, 2), st.integers(1, 3), st.integers(1, 2), st.integers(1, 2), st.integers(3, 5),
    st.integers(1, 3), st.integers(1, 2), st.integers(1, 2), st.tuples(*[st.integers(0, 2)] * 4),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_convolution(batch, groups, channels, filters, side, kernel, stride, dilation, padding):
    if dilation * (kernel - 1) + 1 > side:
        return
    workload = build(f"""
name: c
tensors: {{x: {{shape: [{batch}, {groups * channels}, {side}, {side + 1}], kind: input}}}}
operators:
  - {{name: y, kind: conv2d, inputs: [x], filters: {groups * filters}, kernel: {kernel}, stride: {stride},
     dilation: {dilation}, padding: {list(padding)}, groups: {groups}}}
""")
    arrays = arrays_of(workload)
    (op,) = workload.operators
    expected = direct_convolution(arrays["x"], arrays["y.weight"], stride, padding, dilation, groups)
    assert workload.tensors["y"].shape == expected.shape
    assert np.array_equal(walk(op, arrays, expected.shape), expected)
    matmul = as_matmul(op, workload.tensors["x"].shape)
    per_group = (batch * expected.shape[2] * expected.shape[3], filters, kernel * kernel * channels)
    assert (matmul.batch, matmul.M, matmul.N, matmul.K) == (groups, *per_group)
    assert op.macs == groups * np.prod(per_group)


def test_transposed_convolution_is_the_adjoint():
    workload = build("""
name: t
tensors: {x: {shape: [1, 2, 3, 4], kind: input}}
operators:
  - {name: y, kind: conv_transpose2d, inputs: [x], filters: 3, kernel: 3, stride: 2, padding: 1,
     output_padding: 1}
""")
    arrays = arrays_of(workload)
    (op,) = workload.operators
    shape = workload.tensors["y"].shape
    assert shape == (1, 3, 6, 8)
    forward = walk(op, arrays, shape)
    probe = np.random.default_rng(1).integers(-4, 5, shape).astype(float)
    back = direct_convolution(probe, arrays["y.weight"], 2, (1, 1, 1, 1), 1, 1)
    assert np.sum(forward * probe) == np.sum(back * arrays["x"])


@pytest.mark.parametrize(
    ("left", "right", "swaps"),
    [
        ((3, 4), (4, 5), ""),
        ((2, 3, 4), (4, 5), ""),
        ((2, 3, 4), (2, 4, 5), ""),
        ((2, 1, 3, 4), (1, 6, 4, 5), ""),
        ((3, 4), (2, 4, 5), ""),
        ((4, 3), (4, 5), ", transpose_left: true"),
        ((2, 3, 4), (2, 5, 4), ", transpose_right: true"),
        ((1, 4), (4, 1), ""),
    ],
)
def test_matmul(left, right, swaps):
    workload = build(f"""
name: m
tensors:
  a: {{shape: {list(left)}, kind: input}}
  b: {{shape: {list(right)}, kind: weight}}
operators: [{{name: y, kind: matmul, inputs: [a, b]{swaps}}}]
""")
    arrays = arrays_of(workload)
    a = np.swapaxes(arrays["a"], -1, -2) if "left" in swaps else arrays["a"]
    b = np.swapaxes(arrays["b"], -1, -2) if "right" in swaps else arrays["b"]
    expected = a @ b
    (op,) = workload.operators
    assert workload.tensors["y"].shape == expected.shape
    assert np.array_equal(walk(op, arrays, expected.shape), expected)


def test_explicit_contraction():
    workload = build("""
name: e
tensors:
  q: {shape: [2, 5, 3, 4], kind: input}
  k: {shape: [2, 6, 3, 4], kind: input}
operators:
  - {name: s, kind: contraction, inputs: [q, k], projections: [[B, P, H, E], [B, S, H, E], [B, H, P, S]]}
  - {name: w, kind: contraction, inputs: [s, k], projections: [[B, H, P, S], [B, S, H, E], [B, P, H, E]],
     macs: 100}
""")
    arrays = arrays_of(workload)
    expected = np.einsum("bphe,bshe->bhps", arrays["q"], arrays["k"])
    assert np.array_equal(walk(workload.operators[0], arrays, expected.shape), expected)
    assert [op.macs for op in workload.operators] == [2 * 5 * 3 * 4 * 6, 100]


def test_affine_coordinates():
    assert projection("2*P+R-3 C 0") == (
        Coordinate((("P", 2), ("R", 1)), -3),
        Coordinate((("C", 1),)),
        Coordinate(()),
    )


@pytest.mark.parametrize(
    "word", ["2*", "P+", "P**2", "+", "P R".replace(" ", "|"), "p q".replace(" ", ","), "2P"]
)
def test_bad_coordinates_are_refused(word):
    with pytest.raises(InputError):
        projection((word,))


def test_a_view_of_a_pinned_tensor_is_copied_once():
    workload = build("""
name: v
tensors: {x: {shape: [2, 4, 3, 3], kind: input}}
operators:
  - {name: a, kind: conv2d, inputs: [x], filters: 4, kernel: 1}
  - {name: flat, kind: reshape, inputs: [a], shape: [2, -1]}
  - {name: b, kind: linear, inputs: [flat], features: 5}
  - {name: c, kind: linear, inputs: [flat], features: 5}
""")
    copies = [op for op in workload.operators if op.kind == "reshape"]
    assert [op.functions for op in copies] == [(("move", 72),)]
    assert any("read in two shapes" in note for note in workload.notes)


def test_a_tensor_that_a_view_of_it_has_pinned_keeps_its_shape_for_its_other_readers():
    workload = build("""
name: v
tensors: {x: {shape: [2, 3, 4], kind: input}}
operators:
  - {name: flat, kind: reshape, inputs: [x], shape: [2, 12]}
  - {name: a, kind: linear, inputs: [flat], features: 5}
  - {name: b, kind: linear, inputs: [x], features: 5}
  - {name: c, kind: add, inputs: [x, x]}
""")
    assert workload.tensors["x"].shape == (2, 12)
    assert workload.tensors["b"].shape == (2, 3, 5)
    assert workload.tensors["c"].shape == (2, 3, 4)
    assert [op.name for op in workload.operators if op.kind == "reshape"] == ["x.reshaped"]


def test_a_view_behind_vector_work_is_free():
    workload = build("""
name: v
tensors: {x: {shape: [2, 4, 3, 3], kind: input}}
operators:
  - {name: a, kind: relu, inputs: [x]}
  - {name: flat, kind: reshape, inputs: [a], shape: [2, -1]}
  - {name: b, kind: linear, inputs: [flat], features: 5}
""")
    assert [op.name for op in workload.operators] == ["a", "b"]
    assert workload.operators[1].inputs[0].tensor == "a"
    assert workload.tensors["a"].shape == (2, 36)
