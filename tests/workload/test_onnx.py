"""The ONNX importer: the nine graphs of the onnx package, single operators, dynamic sizes, refusals."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
import yaml

from hwsim.spec.errors import InputError
from hwsim.workload.load import import_workload, load_workload

onnx = pytest.importorskip("onnx", reason="needs the extra hwsim[onnx]")
helper, FLOAT, INT64 = onnx.helper, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64

LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
REFERENCE = Path(__file__).parents[2] / "../shared/reference/models.yaml"
# conv_macs, gemm_macs, weights without bias, as shared/reference/models.yaml has them.
GRAPHS = {
    "bvlc_alexnet": (595938432, 58621952, 60954656),
    "densenet121": (2834161664, 0, 7894208),
    "inception_v1": (1430532352, 1024000, 6990272),
    "inception_v2": (2017827840, 1024000, 11174080),
    "resnet50": (4087136256, 2048000, 25502912),
    "shufflenet": (124120528, 544000, 1365464),
    "squeezenet": (349151936, 0, 1231552),
    "vgg19": (19508428800, 123633664, 143652544),
    "zfnet512": (1401011232, 80715776, 87242528),
}


def totals(workload):
    conv = sum(op.macs for op in workload.operators if op.kind.startswith("conv"))
    gemm = sum(op.macs for op in workload.operators if op.kind == "matmul")
    contractions = [op for op in workload.operators if op.is_contraction]
    return conv, gemm, sum(workload.tensors[op.inputs[1].tensor].elements for op in contractions)


@pytest.mark.skipif(not REFERENCE.exists(), reason="needs shared/reference/models.yaml")
def test_the_counts_here_are_those_of_the_reference():
    rows = yaml.safe_load(REFERENCE.read_text())["onnx_light"]
    assert {
        name: (row["conv_macs"], row["gemm_macs"], row["weights"]) for name, row in rows.items()
    } == GRAPHS


@pytest.mark.parametrize(("name", "expected"), GRAPHS.items())
def test_light_graphs(name, expected):
    workload = load_workload(str(LIGHT / f"light_{name}.onnx"))
    assert totals(workload) == expected
    (result,) = [tensor for tensor in workload.tensors.values() if tensor.kind == "output"]
    assert result.elements == 1000
    batched = load_workload(str(LIGHT / f"light_{name}.onnx"), ("batch=8",))
    assert batched.macs == 8 * workload.macs


@pytest.mark.parametrize("name", GRAPHS)
def test_the_shipped_networks_are_these_graphs(name):
    shipped = load_workload(name.removeprefix("bvlc_"))
    imported = load_workload(str(LIGHT / f"light_{name}.onnx"))
    assert shipped.operators == imported.operators
    assert shipped.tensors == imported.tensors


def test_what_is_written_loads_back_equal(tmp_path):
    text, imported = import_workload(LIGHT / "light_shufflenet.onnx")
    path = tmp_path / "net.yaml"
    path.write_text(text)
    assert load_workload(str(path)) == imported


SHAPE = (2, 6, 8, 8)


def save(tmp_path, nodes, inputs, outputs, initializers=(), opset=21, **shapes):
    """An ONNX file of ``nodes``; ``shapes`` are those of its inputs."""
    values = [helper.make_tensor_value_info(name, FLOAT, shapes[name]) for name in inputs]
    results = [helper.make_tensor_value_info(name, FLOAT, None) for name in outputs]
    graph = helper.make_graph(nodes, "g", values, results, list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    path = tmp_path / "model.onnx"
    onnx.save(model, path)
    return str(path)


def weight(name, *shape):
    count = 1
    for size in shape:
        count *= size
    return helper.make_tensor(name, FLOAT, shape, [0.0] * count)


def numbers(name, *values):
    return helper.make_tensor(name, INT64, [len(values)], values)


CEIL = {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}
RANGE = (numbers("s", 1), numbers("e", -1), numbers("a", 3))
DOUBLE = (helper.make_tensor("s", FLOAT, [4], [1, 1, 2, 2]),)


def one(tmp_path, operation, inputs=("x",), shape=SHAPE, initializers=(), opset=21, **attributes):
    """The workload of one ONNX operator."""
    node = helper.make_node(operation, list(inputs), ["y"], **attributes)
    return load_workload(save(tmp_path, [node], ["x"], ["y"], initializers, opset, x=list(shape)))


@pytest.mark.parametrize(
    ("operation", "extra", "initializers", "attributes", "kind", "shape"),
    [
        ("Relu", (), (), {}, "relu", SHAPE),
        ("Gelu", (), (), {"approximate": "tanh"}, "gelu_tanh", SHAPE),
        ("Clip", ("", "hi"), (weight("hi"),), {}, "clip", SHAPE),
        ("Pow", ("two",), (weight("two", 1),), {}, "power", SHAPE),
        ("Add", ("b",), (weight("b", 6, 1, 1),), {}, "add", SHAPE),
        ("Softmax", (), (), {"axis": 1}, "softmax", SHAPE),
        ("LayerNormalization", ("g", "b"), (weight("g", 8), weight("b", 8)), {}, "layernorm", SHAPE),
        ("InstanceNormalization", ("g", "b"), (weight("g", 6), weight("b", 6)), {}, "layernorm", SHAPE),
        ("ReduceMean", ("a",), (numbers("a", 2, 3),), {"keepdims": 0}, "reduce_mean", (2, 6)),
        ("ReduceSum", (), (), {}, "reduce_sum", (1, 1, 1, 1)),
        ("ArgMax", (), (), {"axis": 1, "keepdims": 0}, "argmax", (2, 8, 8)),
        ("MaxPool", (), (), CEIL, "max_pool", (2, 6, 4, 4)),
        ("AveragePool", (), (), {"kernel_shape": [2, 2], "auto_pad": "SAME_UPPER"}, "average_pool", SHAPE),
        ("Transpose", (), (), {"perm": [0, 2, 3, 1]}, "transpose", (2, 8, 8, 6)),
        ("Transpose", (), (), {}, "transpose", (8, 8, 6, 2)),
        ("Slice", ("s", "e", "a"), RANGE, {}, "slice", (2, 6, 8, 6)),
        ("Pad", ("p",), (numbers("p", 0, 0, 1, 1, 0, 0, 1, 1),), {}, "pad", (2, 6, 10, 10)),
        ("Resize", ("", "s"), DOUBLE, {}, "resize", (2, 6, 16, 16)),
        ("Expand", ("s",), (numbers("s", 3, 1, 1, 1, 1),), {}, "expand", (3, 2, 6, 8, 8)),
        ("DepthToSpace", (), (), {"blocksize": 1}, "rearrange", SHAPE),
        ("Gather", ("i",), (numbers("i", 0, 3),), {"axis": 1}, "gather", (2, 2, 8, 8)),
        ("CumSum", ("a",), (numbers("a", 1),), {}, "cumulative_sum", SHAPE),
        ("Cast", (), (), {"to": onnx.TensorProto.FLOAT16}, "cast", SHAPE),
    ],
)  # fmt: skip
def test_operators(tmp_path, operation, extra, initializers, attributes, kind, shape):
    workload = one(tmp_path, operation, ("x", *extra), initializers=initializers, **attributes)
    (op,) = workload.operators
    assert op.kind == kind
    assert op.functions
    assert workload.tensors[op.outputs[0].tensor].shape == shape


@pytest.mark.parametrize(
    ("attributes", "weights", "shape", "macs"),
    [
        ({}, (4, 6, 3, 3), (2, 4, 6, 6), 2 * 4 * 36 * 54),
        ({"strides": [2, 1], "pads": [1, 0, 1, 2]}, (4, 6, 3, 3), (2, 4, 4, 8), 2 * 4 * 32 * 54),
        ({"group": 6}, (6, 1, 3, 3), (2, 6, 6, 6), 2 * 6 * 36 * 9),
        ({"dilations": [2, 2], "group": 2}, (8, 3, 3, 3), (2, 8, 4, 4), 2 * 8 * 16 * 27),
        ({"strides": [2, 2], "auto_pad": "SAME_UPPER"}, (4, 6, 3, 3), (2, 4, 4, 4), 2 * 4 * 16 * 54),
    ],
)
def test_convolutions(tmp_path, attributes, weights, shape, macs):
    workload = one(tmp_path, "Conv", ("x", "w"), initializers=(weight("w", *weights),), **attributes)
    (op,) = workload.operators
    assert workload.tensors[op.outputs[0].tensor].shape == shape
    assert op.macs == macs


def test_transposed_convolution(tmp_path):
    kernel = (weight("w", 6, 3, 4, 4),)
    workload = one(
        tmp_path, "ConvTranspose", ("x", "w"), initializers=kernel, strides=[2, 2], pads=[1, 1, 1, 1]
    )
    (op,) = workload.operators
    assert workload.tensors[op.outputs[0].tensor].shape == (2, 3, 16, 16)
    assert op.macs == 2 * 64 * 6 * 3 * 16


def test_constant_exponents_are_cheaper(tmp_path):
    two = helper.make_tensor("two", FLOAT, [], [2.0])
    assert one(tmp_path, "Pow", ("x", "two"), initializers=(two,)).operators[0].kind == "square"


def test_old_softmax_sums_all_axes_from_its_own(tmp_path):
    (op,) = one(tmp_path, "Softmax", opset=11, axis=1).operators
    assert op.fiber == 6 * 8 * 8


def test_views_and_dropout_cost_nothing(tmp_path):
    nodes = [
        helper.make_node("Relu", ["x"], ["a"]),
        helper.make_node("Flatten", ["a"], ["b"]),
        helper.make_node("Dropout", ["b"], ["c"]),
        helper.make_node("Unsqueeze", ["c", "axis"], ["d"]),
        helper.make_node("Squeeze", ["d", "axis"], ["e"]),
        helper.make_node("Tanh", ["e"], ["y"]),
    ]
    path = save(tmp_path, nodes, ["x"], ["y"], [numbers("axis", 1)], x=[2, 3, 4, 5])
    workload = load_workload(path)
    assert [op.kind for op in workload.operators] == ["relu", "tanh"]
    assert workload.tensors[workload.operators[1].outputs[0].tensor].shape == (2, 60)


def attention(tmp_path):
    """Attention as PyTorch exports it: open batch and length, shapes computed in the graph."""
    nodes = [
        helper.make_node("MatMul", ["x", "wq"], ["q"], "/attn/query/MatMul"),
        helper.make_node("MatMul", ["x", "wk"], ["k"], "/attn/key/MatMul"),
        helper.make_node("Shape", ["q"], ["s"]),
        helper.make_node("Gather", ["s", "first"], ["b"]),
        helper.make_node("Concat", ["b", "rest"], ["target"], axis=0),
        helper.make_node("Reshape", ["q", "target"], ["qh"]),
        helper.make_node("Reshape", ["k", "target"], ["kh"]),
        helper.make_node("Transpose", ["qh"], ["qt"], perm=[0, 2, 1, 3]),
        helper.make_node("Transpose", ["kh"], ["kt"], perm=[0, 2, 3, 1]),
        helper.make_node("MatMul", ["qt", "kt"], ["scores"], "/attn/scores/MatMul"),
        helper.make_node("Softmax", ["scores"], ["y"], axis=-1),
    ]
    constants = [weight("wq", 8, 8), weight("wk", 8, 8), numbers("first", 0), numbers("rest", -1, 2, 4)]
    return save(tmp_path, nodes, ["x"], ["y"], constants, x=["batch_size", "seq len", 8])


def test_open_sizes_become_parameters(tmp_path):
    path = attention(tmp_path)
    small = load_workload(path)
    assert dict(small.parameters) == {"batch": 1, "seq_len": 1}
    assert any("seq_len is open" in note for note in small.notes)
    workload = load_workload(path, ("batch=3", "seq_len=16"))
    (scores,) = [op for op in workload.operators if op.name == "attn/scores/MatMul"]
    assert scores.macs == 3 * 2 * 16 * 16 * 4
    assert workload.tensors[scores.name].shape == (3, 2, 16, 16)
    assert workload.parameter_count == 2 * 64


def test_constant_subgraphs_are_known_before_the_run(tmp_path):
    nodes = [
        helper.make_node("Transpose", ["w"], ["wt"]),
        helper.make_node("Mul", ["wt", "scale"], ["ws"]),
        helper.make_node("MatMul", ["x", "ws"], ["y"]),
    ]
    path = save(tmp_path, nodes, ["x"], ["y"], [weight("w", 5, 8), weight("scale", 1)], x=[4, 8])
    workload = load_workload(path)
    assert [op.kind for op in workload.operators] == ["matmul"]
    assert workload.parameter_count == 40


def test_shared_weights_are_one_tensor(tmp_path):
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("MatMul", ["h", "w"], ["y"])]
    workload = load_workload(save(tmp_path, nodes, ["x"], ["y"], [weight("w", 8, 8)], x=[4, 8]))
    assert workload.parameter_count == 64
    assert len(workload.consumers["w"]) == 2


def test_outputs_in_the_middle_are_outputs(tmp_path):
    nodes = [helper.make_node("Relu", ["x"], ["h"]), helper.make_node("Tanh", ["h"], ["y"])]
    workload = load_workload(save(tmp_path, nodes, ["x"], ["h", "y"], x=[4, 8]))
    assert sorted(tensor.kind for tensor in workload.tensors.values()) == ["input", "output", "output"]


def test_unknown_operators_are_refused_by_name_and_node(tmp_path):
    node = helper.make_node("NonZero", ["x"], ["y"], "find_them")
    path = save(tmp_path, [node], ["x"], ["y"], x=[4, 8])
    with pytest.raises(InputError, match=r"'find_them' \(NonZero\).*--allow-unknown"):
        load_workload(path)


def test_unknown_operators_may_be_allowed(tmp_path):
    nodes = [helper.make_node("Det", ["x"], ["d"], "det"), helper.make_node("Relu", ["d"], ["y"])]
    path = save(tmp_path, nodes, ["x"], ["y"], x=[4, 8, 8])
    workload = load_workload(path, allow_unknown=True)
    first, second = workload.operators
    assert (first.kind, first.functions, second.kind) == ("unknown", (("move", 4),), "relu")
    assert [part.tensor for part in first.inputs] == ["x"]
    assert any("Det" in note and "only its bytes" in note for note in workload.notes)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.999])
def test_truncated_files_are_refused(tmp_path, share):
    content = (LIGHT / "light_resnet50.onnx").read_bytes()
    path = tmp_path / "cut.onnx"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputError, match=r"cut\.onnx"):
        load_workload(str(path))


@pytest.mark.parametrize("content", [b"", b"\x00" * 64, b"name: x", bytes(range(256))])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "not.onnx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"not\.onnx"):
        load_workload(str(path))


def test_damaged_files_are_read_or_refused(tmp_path):
    content = (LIGHT / "light_squeezenet.onnx").read_bytes()
    dice = random.Random(7)
    path = tmp_path / "damaged.onnx"
    refused = 0
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(dice.randint(1, 5)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        path.write_bytes(damaged)
        try:
            load_workload(str(path))
        except InputError as error:
            refused += 1
            assert "damaged.onnx" in str(error)
    assert refused > 20


def test_without_the_package_it_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InputError, match=r"pip install 'hwsim\[onnx\]'"):
        load_workload(str(LIGHT / "light_resnet50.onnx"))
