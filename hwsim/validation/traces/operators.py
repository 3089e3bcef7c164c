"""From the framework's operators to ours: which, in which dimensions, or why not."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from hwsim.engines.gpu.calls import Call
from hwsim.engines.gpu.collective import OPERATORS as COLLECTIVES
from hwsim.validation.traces.event import Event, Shape

DATATYPES = {
    "float": "fp32",
    "float32": "fp32",
    "c10::half": "fp16",
    "half": "fp16",
    "float16": "fp16",
    "c10::bfloat16": "bf16",
    "bfloat16": "bf16",
    "c10::float8_e4m3fn": "fp8",
    "float8_e4m3fn": "fp8",
    "signed char": "int8",
    "int8": "int8",
}
"""Ours by what PyTorch writes."""
COLLECTIVE_KERNEL = re.compile(r"nccl", re.IGNORECASE)
ELEMENTWISE = {
    "add": "add",
    "add_": "add",
    "relu": "relu",
    "relu_": "relu",
    "clamp_min": "relu",
    "clamp_min_": "relu",
    "gelu": "gelu",
    "gelu_": "gelu",
    **dict.fromkeys(("sub", "mul", "div", "sub_", "mul_", "div_", "maximum", "where"), "add"),
    **dict.fromkeys(
        ("silu", "silu_", "sigmoid", "tanh", "exp", "neg", "rsqrt", "pow", "copy_", "clamp", "clone"), "relu"
    ),
}
"""Ours by the framework's: the streaming kernel of as many tensors."""
KERNEL_DATATYPES = (
    ("bf16", r"bf16|bfloat16"),
    ("fp16", r"f16|half|hgemm|h1688|h16816"),
    ("fp32", r"sgemm|float|f32"),
)
"""Datatypes by what kernels are called, for traces that do not say the operator's."""

Read = Callable[[Event], dict[str, float] | str]


def has_model(event: Event) -> bool:
    """Whether the event's operator has a model."""
    return _name(event) in READERS


def _name(event: Event) -> str:
    """The operator without its namespace."""
    return event.operator.split("::")[-1].removeprefix("_")


def call_of(event: Event) -> Call | str:
    """What was called, or why that is not known."""
    if not event.operator:
        hint = ": a collective, torch.profiler records its size"
        collective = any(COLLECTIVE_KERNEL.search(name) for name in event.kernels)
        return "no operator known for this kernel" + (hint if collective else "")
    known = READERS.get(_name(event))
    if known is None:
        return f"no model for operator {event.operator}"
    if not any(event.shapes):
        return f"no shapes recorded for {event.operator}"
    ours, read = known
    sizes = read(event)
    datatype = _datatype(event)
    if isinstance(sizes, str) or datatype is None:
        return sizes if isinstance(sizes, str) else f"datatype of {event.operator} not known"
    return _call(ours, sizes, datatype)


def _call(operator: str, sizes: dict[str, float], datatype: str) -> Call:
    if operator == "attention":
        decode = sizes.pop("queries") == 1
        length = sizes.pop("keys")
        operator = "attention_decode" if decode else "attention_prefill"
        sizes = {**sizes, "kv_len": length} if decode else {**sizes, "seq": length}
        if decode:
            sizes.pop("causal")
        return Call(operator, datatype, sizes, {"kv_dtype": datatype})
    words = {"impl": "nccl"} if operator in COLLECTIVES else {}
    return Call(operator, datatype, sizes, words)


def _datatype(event: Event) -> str | None:
    said = [DATATYPES[each.lower()] for each in event.datatypes if each.lower() in DATATYPES]
    if said:
        return said[0]
    names = " ".join(event.kernels).lower()
    return next((name for name, pattern in KERNEL_DATATYPES if re.search(pattern, names)), None)


def _matrices(event: Event, ranks: tuple[int, ...]) -> list[Shape]:
    """The arguments of the given number of axes, in order."""
    return [shape for shape in event.shapes if len(shape) in ranks]


def _product(event: Event) -> dict[str, float] | str:
    """``mm``, ``addmm``, ``bmm``, ``baddbmm``: the last two matrices that fit each other."""
    shapes = _matrices(event, (2, 3))
    for left, right in zip(shapes[-2::-1], shapes[:0:-1], strict=True):
        if len(left) == len(right) and left[-1] == right[-2]:
            batch = left[0] if len(left) == 3 else 1
            return _positive(batch=batch, m=left[-2], n=right[-1], k=left[-1])
    return f"shapes of {event.operator} are no matrix product: {list(event.shapes)}"


def _linear(event: Event) -> dict[str, float] | str:
    """``linear``: activation (..., k) and weight (n, k)."""
    shapes = [shape for shape in event.shapes if shape]
    if len(shapes) < 2 or shapes[0][-1] != shapes[1][-1]:
        return f"shapes of {event.operator} are no matrix product: {list(event.shapes)}"
    return _positive(batch=1, m=math.prod(shapes[0][:-1]), n=shapes[1][0], k=shapes[0][-1])


def _attention(event: Event) -> dict[str, float] | str:
    """Queries (batch, heads, queries, head) and keys (batch, key heads, keys, head)."""
    return _attention_of(event, _matrices(event, (4,)))


def _kernel_attention(event: Event) -> dict[str, float] | str:
    """The inner operators: queries (batch, queries, heads, head) and keys alike."""
    return _attention_of(
        event, [(b, heads, length, head) for b, length, heads, head in _matrices(event, (4,))]
    )


def _attention_of(event: Event, shapes: list[Shape]) -> dict[str, float] | str:
    if len(shapes) < 2:
        return f"shapes of {event.operator} are no attention: {list(event.shapes)}"
    (batch, heads, queries, head), (_, kv_heads, keys, _) = shapes[:2]
    if 1 < queries < keys:
        return f"{event.operator} of {queries} new tokens over {keys} is neither a whole prompt nor one token"
    causal = float("True" in event.arguments or "true" in event.arguments)
    found = _positive(batch=batch, heads=heads, kv_heads=kv_heads, head_dim=head, queries=queries, keys=keys)
    return {**found, "causal": causal} if isinstance(found, dict) else found


def _exchanged(event: Event) -> dict[str, float] | str:
    """A collective: elements of each GPU's buffer, and GPUs."""
    gpus = int(event.arguments[0]) if event.arguments[0].isdigit() else 0
    if gpus < 2:
        return f"{event.operator} of {event.arguments[0]} GPUs"
    return _positive(num_gpus=gpus, elements=event.shapes[0][0])


def _rows(event: Event) -> dict[str, float] | str:
    """One tensor, one row for each of its last axis."""
    shape = next((shape for shape in event.shapes if shape), ())
    return _positive(rows=math.prod(shape[:-1]), cols=shape[-1], n_in=1, n_out=1)


def _elements(event: Event) -> dict[str, float] | str:
    """Tensors of one shape read, one written."""
    shapes = [shape for shape in event.shapes if shape]
    largest = max(shapes, key=math.prod)
    count = sum(1 for shape in shapes if shape == largest)
    return _positive(rows=math.prod(largest[:-1]), cols=largest[-1], n_in=count, n_out=1)


def _positive(**sizes: int) -> dict[str, float] | str:
    """The sizes as numbers, unless a tensor is empty."""
    if any(size < 1 for size in sizes.values()):
        return "an empty tensor"
    return {name: float(size) for name, size in sizes.items()}


READERS: dict[str, tuple[str, Read]] = {
    **dict.fromkeys(("mm", "addmm", "bmm", "baddbmm", "matmul"), ("gemm", _product)),
    "linear": ("gemm", _linear),
    **dict.fromkeys(
        (
            "scaled_dot_product_attention",
            "scaled_dot_product_flash_attention",
            "scaled_dot_product_efficient_attention",
            "scaled_dot_product_cudnn_attention",
            "scaled_dot_product_flash_attention_for_cpu",
        ),
        ("attention", _attention),
    ),
    **dict.fromkeys(
        ("flash_attention_forward", "efficient_attention_forward", "cudnn_attention_forward"),
        ("attention", _kernel_attention),
    ),
    **{name: (ours, _elements) for name, ours in ELEMENTWISE.items()},
    **dict.fromkeys(("allreduce", "all_reduce", "allreduce_coalesced"), ("allreduce", _exchanged)),
    **dict.fromkeys(("all_to_all", "all_to_allv", "alltoall", "alltoall_base"), ("alltoall", _exchanged)),
    "softmax": ("softmax", _rows),
    "native_layer_norm": ("layernorm", _rows),
    "layer_norm": ("layernorm", _rows),
    "rms_norm": ("rmsnorm", _rows),
    "fused_rms_norm": ("rmsnorm", _rows),
}
"""Our operator and how to read its dimensions, by the framework's operator."""
