"""Workloads that list their operators: shapes, order, and everything that can be wrong with them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError
from hwsim.spec.scalars import resolve
from hwsim.workload.explicit import build_explicit
from hwsim.workload.load import apply_overrides, workload_of
from hwsim.workload.ordering import find_cycle, topological_order
from hwsim.workload.text import flow

X = "x: {shape: [2, 6, 8, 8], kind: input}"


def build(*operators, tensors=X, parameters="{}", more=""):
    lines = "\n".join(f"  - {{{operator}}}" for operator in operators)
    text = f"name: w\nparameters: {parameters}\n{more}tensors:\n  {tensors}\noperators:\n{lines}\n"
    return build_explicit(parse_document(text, "w.yaml"))


LINEAR = """
name: w
parameters: {batch: 1}
tensors: {x: {shape: [batch, 8]}}
operators: [{name: a, kind: linear, inputs: [x], features: 4}]
"""
FIRST_OPERATOR = 6  # its line in these texts


@pytest.mark.parametrize(
    ("operator", "message"),
    [
        ("name: a, kind: relux, inputs: [x]", "no operator kind 'relux'; did you mean 'relu'?"),
        ("name: a, kind: [relu], inputs: [x]", "no operator kind ['relu']"),
        ("name: a, inputs: [x]", "the key 'kind' is missing"),
        ("kind: relu, inputs: [x]", "the key 'name' is missing"),
        ("name: a, kind: relu, inputs: [y]", "unknown tensor 'y'"),
        ("name: a, kind: relu, inputs: [x], axis: 1", "unknown key 'axis'"),
        ("name: a, kind: softmax, inputs: [x, x]", "softmax takes 1 inputs, 'a' has 2"),
        ("name: a, kind: softmax, inputs: [x], axis: 4", "there is no axis 4"),
        ("name: a, kind: conv2d, inputs: [x], filter: 3, kernel: 3", "did you mean 'filters'?"),
        ("name: a, kind: conv2d, inputs: [x]", "needs 'filters' and 'kernel'"),
        ("name: a, kind: conv2d, inputs: [x], filters: 4, kernel: 9", "a window of 9 does not fit into 8"),
        ("name: a, kind: conv2d, inputs: [x], filters: 4, kernel: 3, stride: 0", "stride"),
        ("name: a, kind: conv2d, inputs: [x], filters: -4, kernel: 3", "filters"),
        ("name: a, kind: conv2d, inputs: [x], filters: 4, kernel: 3, groups: 4", "groups"),
        ("name: a, kind: conv2d, inputs: [x], filters: 4, kernel: [3, 3, 3]", "has 3 values where 2"),
        ("name: a, kind: conv2d, inputs: [x], filters: 4, kernel: 3, padding: [1, 1, 1]", "padding"),
        ("name: a, kind: conv1d, inputs: [x], filters: 4, kernel: 3", "needs an input of 3 axes"),
        ("name: a, kind: conv3d, inputs: [x], filters: 4, kernel: 3", "needs an input of 5 axes"),
        ("name: a, kind: linear, inputs: [x], features: 1.5", "features must be a whole number"),
        ("name: a, kind: linear, inputs: [x], features: .nan", "features"),
        ("name: a, kind: reshape, inputs: [x], shape: [2, 5, -1]", "the number of elements differs"),
        ("name: a, kind: reshape, inputs: [x], shape: [-1, -1]", "the number of elements differs"),
        ("name: a, kind: transpose, inputs: [x], order: [0, 1, 2, 2]", "is no order of the axes"),
        ("name: a, kind: concat, inputs: [x, x], axis: 7", "there is no axis 7"),
        ("name: a, kind: top_k, inputs: [x], k: 9", "cannot take 9"),
        ("name: a, kind: slice, inputs: [x], shape: [2, 6, 8, 9]", "is no part of"),
        ("name: a, kind: split, inputs: [x], axis: 1, sizes: [3, 4], outputs: [p, q]", "parts [3, 4]"),
        ("name: a, kind: groupnorm, inputs: [x], groups: 4", "cannot be split into 4 groups"),
        ("name: x, kind: relu, inputs: [x]", "cycle"),
        ("name: a, kind: resize, inputs: [x], shape: [batch, 6, 8, 8]", "'batch' is neither a size nor"),
        ("name: a, kind: contraction, inputs: [x, x], projections: [[B, C]]", "needs 3 projections"),
        ("name: a, kind: contraction, inputs: [x, x], projections: [[B], [B], [B]]", "1 coordinates for 'x'"),
        ("name: a, kind: unknown, inputs: [x], shape: [4]", "the key 'operation' is missing"),
        ("name: '', kind: relu, inputs: [x]", "name"),
    ],
)  # fmt: skip
def test_bad_operators_are_refused_where_they_stand(operator, message):
    with pytest.raises(InputError) as caught:
        build(operator)
    assert message in str(caught.value)
    assert caught.value.position.line >= FIRST_OPERATOR - 1
    assert caught.value.position.file == "w.yaml"


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        ("x: {shape: [0, 8], kind: input}", "shape[0] must be greater than 0"),
        ("x: {shape: [-1, 8], kind: input}", "shape[0]"),
        ("x: {shape: [1e400], kind: input}", "shape"),
        ("x: {shape: 8, kind: input}", "shape"),
        ("x: {shape: [8], kind: imput}", "did you mean 'input'?"),
        ("x: {shape: [8], datatype: int7}", "unknown datatype 'int7'"),
        ("x: {shape: [8], density: 0}", "density"),
        ("x: {shape: [8], density: 1.5}", "density"),
        ("x: {shape: [btch], kind: input}", "did you mean 'batch'?"),
        ("x: {shape: [9999999999, 9999999999], kind: input}", "more than 2^63"),
    ],
)
def test_bad_tensors_are_refused_where_they_stand(tensor, message):
    with pytest.raises(InputError) as caught:
        build("name: a, kind: relu, inputs: [x]", tensors=tensor, parameters="{batch: 2}")
    assert message in str(caught.value)
    assert caught.value.position.line == 4


def test_products_that_do_not_fit():
    with pytest.raises(InputError, match="rank K is 8 elsewhere, 7 in 'w'"):
        build("name: a, kind: matmul, inputs: [x, w]", tensors=X + "\n  w: {shape: [7, 3], kind: weight}")


def test_two_producers():
    with pytest.raises(InputError, match="'a' is produced twice, the first time in line 6") as caught:
        build("name: a, kind: relu, inputs: [x]", "name: a, kind: tanh, inputs: [x]")
    assert caught.value.position.line == 7


def test_a_producer_of_a_given_tensor():
    with pytest.raises(InputError, match="two tensors are called 'w'"):
        build("name: w, kind: relu, inputs: [x]", tensors=X + "\n  w: {shape: [2], kind: weight}")


def test_cycles_are_shown():
    with pytest.raises(InputError, match="cycle: 'a' -> 'c' -> 'b' -> 'a'") as caught:
        build(
            "name: z, kind: relu, inputs: [x]",
            "name: a, kind: add, inputs: [x, b]",
            "name: b, kind: relu, inputs: [c]",
            "name: c, kind: relu, inputs: [a]",
        )
    assert caught.value.position.line == 7


def test_no_operators():
    with pytest.raises(InputError, match="operators"):
        workload_of(parse_document("name: w\ntensors: {}\noperators: []\n", "w.yaml"))


@pytest.mark.parametrize(
    "text", ["[1]", "5", "name: w", "family: [transformer_decoder]\nname: w", "family: x\nname: w"]
)
def test_other_documents(text):
    with pytest.raises(InputError):
        workload_of(parse_document(text, "w.yaml"))


def test_operators_may_come_in_any_order():
    workload = build(
        "name: c, kind: add, inputs: [a, b]",
        "name: b, kind: tanh, inputs: [a]",
        "name: a, kind: relu, inputs: [x]",
    )
    assert [op.name for op in workload.operators] == ["a", "b", "c"]


def test_results_are_what_nothing_reads_and_what_is_said_to_be():
    workload = build(
        "name: a, kind: relu, inputs: [x]",
        "name: b, kind: tanh, inputs: [a]",
        "name: c, kind: exp, inputs: [b]",
        more="outputs: [a]\n",
    )
    assert {tensor.name: tensor.kind for tensor in workload.tensors.values()} == {
        "x": "input",
        "a": "output",
        "b": "activation",
        "c": "output",
    }


def test_weights_can_be_shared():
    workload = build(
        "name: a, kind: conv2d, inputs: [x, w], padding: 1",
        "name: b, kind: conv2d, inputs: [a, w], padding: 1",
        tensors=X + "\n  w: {shape: [6, 6, 3, 3], kind: weight}",
    )
    assert workload.parameter_count == 324
    assert workload.macs == 2 * 2 * 64 * 324


def test_split_and_concat():
    workload = build(
        "name: s, kind: split, inputs: [x], axis: 1, sizes: [2, 4], outputs: [p, q]",
        "name: j, kind: concat, inputs: [q, p], axis: 1",
    )
    assert [workload.tensors[name].shape for name in "pqj"] == [(2, 2, 8, 8), (2, 4, 8, 8), (2, 6, 8, 8)]
    assert workload.operators[0].touched == (("x", pytest.approx(1 / 3)),)


def test_overrides():
    document = parse_document(LINEAR, "w.yaml")
    workload = workload_of(apply_overrides(document, ("batch=5", "operators.a.features=7")))
    assert workload.macs == 5 * 8 * 7
    assert dict(workload.parameters) == {"batch": 5}
    assert workload.content_hash != workload_of(document).content_hash


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("btch=5", "did you mean 'batch'?"),
        ("batch=0", "batch must be greater than 0"),
        ("batch=1.5", "batch must be a whole number"),
        ("batch=", "no value after '='"),
        ("batch", "no value after '='"),
        ("operators.b.features=7", "there is no entry 'b'"),
        ("=3", "no parameter ''"),
    ],
)
def test_bad_overrides(override, message):
    with pytest.raises(InputError) as caught:
        workload_of(apply_overrides(parse_document(LINEAR, "w.yaml"), (override,)))
    assert message in str(caught.value)


def test_overrides_of_what_is_no_workload():
    for text in ("family: [a]\nname: w", "[1]", "parameters: 3"):
        with pytest.raises(InputError):
            workload_of(apply_overrides(parse_document(text, "w.yaml"), ("batch=5",)))


def test_parameters_of_a_family_need_not_be_in_the_file():
    config = "{hidden: 8, layers: 1, heads: 2, intermediate: 8, image: 4, patch: 2, classes: 3}"
    document = parse_document(f"name: w\nfamily: vision_transformer\nconfig: {config}", "w.yaml")
    assert workload_of(apply_overrides(document, ("batch=3",))).macs == 3 * workload_of(document).macs


@given(
    st.recursive(
        st.integers() | st.booleans() | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=4),
        max_leaves=8,
    )
)
@settings(max_examples=200, deadline=None)
def test_what_is_written_reads_back(value):
    assert parse_document(f"key: {flow(value)}\n", "t.yaml").data == {"key": value}


@given(st.text(max_size=12))
@settings(max_examples=200, deadline=None)
def test_texts_stay_texts(text):
    written = flow(text)
    assert written.startswith('"') or resolve(written) == text


@given(st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=1, max_size=10))
@settings(max_examples=200, deadline=None)
def test_orders_and_cycles(sources):
    sources = [[source for source in each if source < len(sources)] for each in sources]
    order, cycle = topological_order(sources), find_cycle(sources)
    for place, number in enumerate(order):
        assert set(sources[number]) <= set(order[:place])
    assert (len(order) == len(sources)) == (not cycle)
    for reader, number in zip([*cycle[1:], *cycle[:1]], cycle, strict=True):
        assert number in sources[reader]


@pytest.mark.parametrize("kind", ["conv2d", "conv_transpose2d"])
def test_a_convolution_of_a_vector_is_refused(kind):
    text = f"""\
name: x
tensors: {{x: {{shape: [3]}}}}
operators:
  - {{name: c, kind: {kind}, inputs: [x], filters: 3, kernel: 3}}
"""
    with pytest.raises(InputError, match="needs an input of 4 axes, 'x' is \\[3\\]"):
        workload_of(parse_document(text, "f"))
