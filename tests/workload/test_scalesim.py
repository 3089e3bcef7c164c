"""SCALE-Sim topologies: what the layers are, against SCALE-Sim's own formulas."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.spec.errors import InputError
from hwsim.workload.contraction import as_matmul
from hwsim.workload.load import load_workload

HEADER = (
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"
)
GEMM = "Layer, M, N, K,\n"


def load(tmp_path, text, *overrides):
    path = tmp_path / "net.csv"
    path.write_text(text)
    return load_workload(str(path), overrides)


def products(workload):
    """(batch, M, N, K) of each layer."""
    found = [as_matmul(op, workload.tensors[op.inputs[0].tensor].shape) for op in workload.operators]
    return [(each.batch, each.M, each.N, each.K) for each in found]


def test_convolutions(tmp_path):
    workload = load(tmp_path, HEADER + "Conv1, 224, 224, 7, 7, 3, 64, 2,\nConv2,56,58,3,1,64,32,1,\n\n")
    assert products(workload) == [(1, 110 * 110, 64, 147), (1, 54 * 58, 32, 192)]
    assert [op.name for op in workload.operators] == ["Conv1", "Conv2"]


@given(
    st.integers(1, 40), st.integers(1, 40), st.integers(1, 7), st.integers(1, 7),
    st.integers(1, 8), st.integers(1, 9), st.integers(1, 5),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_outputs_round_up(tmp_path_factory, height, width, rows, columns, channels, filters, stride):
    if rows > height or columns > width:
        return
    line = f"L,{height},{width},{rows},{columns},{channels},{filters},{stride},"
    workload = load(tmp_path_factory.mktemp("s"), HEADER + line)
    out_h = math.ceil((height - rows + stride) / stride)
    out_w = math.ceil((width - columns + stride) / stride)
    assert products(workload) == [(1, out_h * out_w, filters, rows * columns * channels)]
    assert workload.tensors["L.ifmap"].shape == (1, channels, height, width)
    assert workload.tensors["L"].shape == (1, filters, out_h, out_w)


def test_depthwise_is_a_product_for_each_channel(tmp_path):
    workload = load(tmp_path, HEADER + "Conv DP2,114,114,3,3,32,1,1,\nDP3,10,10,3,3,4,5,1,\n")
    assert products(workload) == [(32, 112 * 112, 1, 9), (4, 64, 5, 9)]


def test_products_with_and_without_the_last_comma(tmp_path):
    workload = load(tmp_path, GEMM + "QK,128,64,32,\nAV, 8, 16, 24\n")
    assert products(workload) == [(1, 128, 64, 32), (1, 8, 16, 24)]


def test_sparsity_is_the_density_of_the_weights(tmp_path):
    workload = load(tmp_path, HEADER + "A,8,8,3,3,4,4,1, 2:4,\nB,8,8,3,3,4,4,1, 1:1,\n")
    assert [workload.tensors[f"{name}.filter"].density for name in "AB"] == [0.5, 1.0]
    gemm = load(tmp_path, GEMM + "A,8,8,8,1:4,\n")
    assert gemm.tensors["A.filter"].density == 0.25


def test_a_fifth_number_is_a_batch_of_products(tmp_path):
    workload = load(tmp_path, GEMM + "A,8,9,10,12,\nB,8,9,10,1:2,3,\n")
    assert products(workload) == [(12, 8, 9, 10), (3, 8, 9, 10)]


def test_layers_do_not_feed_each_other_and_it_says_so(tmp_path):
    workload = load(tmp_path, GEMM + "A,8,8,8,\nB,8,8,8,\n")
    assert workload.graph().number_of_edges() == 0
    assert any("do not feed each other" in note for note in workload.notes)


def test_more_images(tmp_path):
    assert products(load(tmp_path, HEADER + "A,8,8,3,3,4,4,1,\n", "batch=3")) == [(1, 3 * 36, 4, 36)]


def test_the_header_gives_the_order_of_the_columns(tmp_path):
    assert products(load(tmp_path, "Layer, M, K, N,\nA,128,64,32,\n")) == [(1, 128, 32, 64)]
    assert products(load(tmp_path, "Layer name,Batch,K,N,M\nA,2,3,4,5\n")) == [(2, 5, 4, 3)]
    columns = (
        "Layer,Strides,IFMAP Width,IFMAP Height,Filter_Height,Filter Width,Num Filters,Channels,Sparsity\n"
    )
    assert products(load(tmp_path, columns + "A,1,9,8,3,2,5,4,1:2\n")) == [(1, 6 * 8, 5, 24)]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("Layer, M, N, L,", "net.csv:1:14: unknown column 'L'"),
        ("Layer, M, N, K, Bacth,", "net.csv:1:17: unknown column 'Bacth'; did you mean 'batch'?"),
        ("Layer, M, N, N,", "net.csv:1:14: the header names N twice"),
        ("Layer, M, N,", "net.csv:1:1: the header does not name K"),
        ("QK, 4, 5, 6,", "net.csv:1:1: 'QK' is not the heading of the layers' names"),
    ],
)
def test_a_header_that_means_nothing_is_refused(tmp_path, header, says):
    with pytest.raises(InputError) as caught:
        load(tmp_path, header + "\nA,4,5,6,\n")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("A,8,8,3,3,4,4,0,", "stride must be a whole number above 0, got '0'"),
        ("A,8,8,3,3,-4,4,1,", "channels"),
        ("A,8,8,3,x,4,4,1,", "filter width"),
        ("A,2,8,3,3,4,4,1,", "a filter 3 high does not fit into an input 2 high"),
        ("A,8,8,3,3,4,4,1,3:2,", "sparsity of 3:2"),
        ("A,8,8,3,3,4,4,", "this line 7"),
        ("A,1,2", "this line 3"),
        ("A,1,2,1.5,", "K must be"),
        ("A,1,2," + "9" * 5000 + ",", "K must be"),
        (",1,2,3,", "net.csv:2:1: this layer has no name"),
        ("A,1,2,3,4,5,", "one number at most, its batch"),
        ("A,1,2,3,\nA,1,2,3,", "two layers are called 'A'"),
    ],
)
def test_bad_lines_are_refused_where_they_stand(tmp_path, line, message):
    with pytest.raises(InputError) as caught:
        load(tmp_path, HEADER + line)
    assert message in str(caught.value)
    assert caught.value.position.line == 2 + line.count("\n")


@pytest.mark.parametrize("text", ["", HEADER, "\n\n"])
def test_files_without_layers_are_refused(tmp_path, text):
    with pytest.raises(InputError, match="no layer"):
        load(tmp_path, text)
