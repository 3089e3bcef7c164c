"""The counts of vector work, found again by running each formula on numbers that count functions."""

from __future__ import annotations

import math
from collections import Counter
from typing import ClassVar

import pytest

from hwsim.spec.document import parse_document
from hwsim.workload.explicit import build_explicit
from hwsim.workload.layers import work
from hwsim.workload.layers.work import ELEMENTWISE, FIBERWISE, FUNCTIONS


class Number:
    """A number that counts the functions applied to it; plain floats beside it are constants known before."""

    tally: ClassVar[Counter[str]] = Counter()

    def __init__(self, value):
        self.value = float(value)

    def _do(self, function, value):
        Number.tally[function] += 1
        return Number(value)

    def __add__(self, other):
        return self._do("add", self.value + _value(other))

    def __sub__(self, other):
        return self._do("subtract", self.value - _value(other))

    def __mul__(self, other):
        return self._do("multiply", self.value * _value(other))

    def apply(self, function):
        one = {
            "reciprocal": lambda x: 1 / x,
            "rsqrt": lambda x: x**-0.5,
            "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
        }
        return self._do(function, one.get(function, getattr(math, function, None))(self.value))

    def best(self, other):
        return self._do("max", max(self.value, _value(other)))


def _value(other):
    return other.value if isinstance(other, Number) else other


@pytest.fixture(autouse=True)
def _fresh():
    Number.tally.clear()


ROW = [0.5, -1.0, 2.0, 0.25, -0.75]


def row():
    return [Number(value) for value in ROW]


def counted():
    return dict(Number.tally)


def table(entry, elements, fibers=1):
    return dict(entry.total(elements, fibers))


def total(numbers):
    """A running sum from zero: as many additions as numbers."""
    result = Number(0)
    for number in numbers:
        result = result + number
    return result


def largest(numbers):
    result = Number(-math.inf)
    for number in numbers:
        result = result.best(number)
    return result


def test_softmax():
    top = largest(row())
    powers = [(x - top).apply("exp") for x in row()]
    scale = total(powers).apply("reciprocal")
    result = [power * scale for power in powers]
    assert sum(each.value for each in result) == pytest.approx(1)
    assert counted() == table(FIBERWISE["softmax"], 5)


def test_logsoftmax():
    x = row()
    top = largest(x)
    logarithm = total([(each - top).apply("exp") for each in x]).apply("log")
    offset = logarithm + top
    result = [each - offset for each in x]
    assert sum(math.exp(each.value) for each in result) == pytest.approx(1)
    assert counted() == table(FIBERWISE["logsoftmax"], 5)


def test_layernorm():
    mean = total(row()) * (1 / 5)
    shifted = [x - mean for x in row()]
    scale = (total([x * x for x in shifted]) * (1 / 5) + 1e-12).apply("rsqrt")
    normed = [x * scale for x in shifted]
    assert sum(x.value**2 for x in normed) == pytest.approx(5)
    [x * 1.5 + 0.5 for x in normed]
    assert counted() == table(FIBERWISE["layernorm"], 5)


def test_rmsnorm():
    x = row()
    scale = (total([each * each for each in x]) * (1 / 5) + 1e-12).apply("rsqrt")
    normed = [each * scale for each in x]
    assert sum(each.value**2 for each in normed) == pytest.approx(5)
    [each * 1.5 for each in normed]
    assert counted() == table(FIBERWISE["rmsnorm"], 5)


def test_share():
    scale = total([Number(1), Number(3)]).apply("reciprocal")
    assert [(Number(part) * scale).value for part in (1, 3)] == [0.25, 0.75]
    assert counted() == table(FIBERWISE["share"], 2)


def test_gelu():
    x = Number(0.7)
    y = (x * 0.5) * ((x * (1 / math.sqrt(2))).apply("erf") + 1.0)
    assert y.value == pytest.approx(0.7 * 0.5 * math.erfc(-0.7 / math.sqrt(2)))
    assert counted() == table(ELEMENTWISE["gelu"], 1)


def test_gelu_tanh():
    x, c = Number(0.7), math.sqrt(2 / math.pi)
    inner = x * (x * x * (c * 0.044715) + c)
    y = (x * 0.5) * (inner.apply("tanh") + 1.0)
    assert y.value == pytest.approx(0.7 * 0.5 * math.erfc(-0.7 / math.sqrt(2)), abs=1e-3)
    assert counted() == table(ELEMENTWISE["gelu_tanh"], 1)


@pytest.mark.parametrize(
    ("kind", "formula"),
    [
        ("silu", lambda x: x * x.apply("sigmoid")),
        ("gelu_quick", lambda x: x * (x * 1.702).apply("sigmoid")),
        ("softplus", lambda x: (x.apply("exp") + 1.0).apply("log")),
        ("mish", lambda x: x * (x.apply("exp") + 1.0).apply("log").apply("tanh")),
        ("relu", lambda x: x.best(0.0)),
        ("leaky_relu", lambda x: x.best(x * 0.01)),
        ("power", lambda x: (x.apply("log") * 2.5).apply("exp")),
        ("square", lambda x: x * x),
    ],
)
def test_elementwise(kind, formula):
    formula(Number(0.7))
    assert counted() == table(ELEMENTWISE[kind], 1)


def test_batchnorm_of_three_elements_in_one_channel():
    gain, bias, mean, variance = Number(2), Number(1), Number(0.5), Number(4)
    scale = (variance + 1e-5).apply("rsqrt") * gain
    offset = bias - mean * scale
    [x * scale + offset for x in row()[:3]]
    assert counted() == table(work.BATCHNORM, 3, 1)


def test_rotary_pair():
    x, y, sine, cosine = (Number(v) for v in (1, 2, 0.6, 0.8))
    turned = (x * cosine - y * sine, y * cosine + x * sine)
    assert math.hypot(*(part.value for part in turned)) == pytest.approx(math.hypot(1, 2))
    assert counted() == table(work.ROTARY, 1)


def test_local_response():
    x = row()
    power = total([each * each for each in x]) * 1e-4 + 2.0
    (power.apply("log") * -0.75).apply("exp") * x[2]
    # Each square serves five windows and is counted once.
    Number.tally["multiply"] -= 4
    assert counted() == table(work.local_response_work(5), 1)


def test_selective_scan():
    states = 3
    dt, x, skip = Number(0.1), Number(2.0), Number(0.5)
    decay, enter, leave = (
        [Number(v) for v in values] for values in ((-1, -2, -3), (1, 2, 3), (0.1, 0.2, 0.3))
    )
    scaled = dt * x
    state = [(dt * a).apply("exp") * Number(1.0) + scaled * b for a, b in zip(decay, enter, strict=True)]
    total([c * h for c, h in zip(leave, state, strict=True)]) + x * skip
    assert counted() == table(work.selective_scan_work(states), 1)


def test_combination_of_experts():
    outputs, weights = [Number(1), Number(2), Number(3)], [Number(0.5), Number(0.3), Number(0.2)]
    first, *rest = [value * weight for value, weight in zip(outputs, weights, strict=True)]
    for part in rest:
        first = first + part
    assert counted() == table(work.combine_work(3), 1)


def test_every_function_is_known_and_every_kind_costs_something():
    for entry in (*ELEMENTWISE.values(), *FIBERWISE.values(), work.MOVE, work.INTERPOLATE):
        assert entry.total(1)
        assert {*entry.element, *entry.fiber} <= set(FUNCTIONS)


def operator(line, shape=(2, 6, 4, 4)):
    tensors = f"{{x: {{shape: {list(shape)}, kind: input}}}}"
    text = f"name: w\ntensors: {tensors}\noperators: [{{name: y, inputs: [x], {line}}}]"
    workload = build_explicit(parse_document(text, "w.yaml"))
    return workload.operators[0], workload


SOFTMAX = dict.fromkeys(("max", "subtract", "exp", "add", "multiply"), 192)


@pytest.mark.parametrize(
    ("line", "fiber", "passes", "functions"),
    [
        ("kind: softmax", 4, 3, {**SOFTMAX, "reciprocal": 48}),
        ("kind: softmax, axis: 1", 6, 3, {**SOFTMAX, "reciprocal": 32}),
        ("kind: rmsnorm, axis: 2", 16, 2, {"multiply": 3 * 192 + 12, "add": 204, "rsqrt": 12}),
        ("kind: groupnorm, groups: 3", 32, 3, {"add": 582, "subtract": 192, "multiply": 588, "rsqrt": 6}),
        ("kind: reduce_mean, axes: [2, 3]", 16, 1, {"add": 192, "multiply": 12}),
        ("kind: reduce_max", 192, 1, {"max": 192}),
        ("kind: max_pool, kernel: 2, stride: 2", 4, 1, {"max": 192}),
        ("kind: average_pool, kernel: 3, padding: 1", 9, 1, {"add": 9 * 192, "multiply": 192}),
        ("kind: global_average_pool", 16, 1, {"add": 192, "multiply": 12}),
        ("kind: top_k, k: 3", 4, 1, {"compare": 3 * 192}),
        ("kind: transpose, order: [0, 2, 3, 1]", 1, 1, {"move": 192}),
        ("kind: resize, shape: [2, 6, 8, 8], mode: linear", 1, 1, {"multiply": 4 * 768, "add": 3 * 768}),
    ],
)  # fmt: skip
def test_counts_of_whole_operators(line, fiber, passes, functions):
    op, _ = operator(line)
    assert (op.fiber, op.passes, dict(op.functions)) == (fiber, passes, functions)


@pytest.mark.parametrize(
    ("line", "fraction"),
    [("kind: slice, shape: [2, 3, 4, 4]", 0.5), ("kind: slice, shape: [1, 6, 2, 4]", 0.25)],
)
def test_a_slice_reads_only_its_part(line, fraction):
    op, _ = operator(line)
    assert op.touched == (("x", fraction),)


def test_an_embedding_reads_only_the_rows_it_needs():
    op, workload = operator("kind: embedding, rows: 1000, width: 8", (2, 5))
    assert workload.tensors["y"].shape == (2, 5, 8)
    assert op.touched == (("y.weight", 0.01),)
    few, _ = operator("kind: embedding, rows: 4, width: 8", (2, 5))
    assert few.touched == (("y.weight", 1.0),)


def test_pool_places_with_ceil():
    assert operator("kind: max_pool, kernel: 3, stride: 2")[1].tensors["y"].shape == (2, 6, 1, 1)
    assert operator("kind: max_pool, kernel: 3, stride: 2, ceil: true")[1].tensors["y"].shape == (2, 6, 2, 2)
    beyond = operator("kind: max_pool, kernel: 1, stride: 3, ceil: true, padding: 0", (1, 1, 5, 5))
    assert beyond[1].tensors["y"].shape == (1, 1, 2, 2)
