"""Which operators of a workload a library runs as one kernel, and which kernel that is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from hwsim.engines.gpu.calls import Call
from hwsim.engines.gpu.kernels import DATATYPES
from hwsim.mapping.fused.groups import AttentionGroup, attention_groups, group_of
from hwsim.mapping.products import product_of
from hwsim.mapping.vector import touched_bytes
from hwsim.simulation.kernel_mixtures import COMBINE, mixture_call, mixture_of, mixtures_of
from hwsim.spec.errors import InputError
from hwsim.workload.operator import Operator
from hwsim.workload.tensor import DATATYPE_BITS
from hwsim.workload.workload import Workload

Kernel = tuple[Operator, ...]

ROW_KERNELS = {"softmax": "softmax", "layernorm": "layernorm", "rmsnorm": "layernorm"}
"""Kernels that work row by row; a fused RMSNorm does what a LayerNorm does, less the mean."""
ELEMENT_KERNELS = {"add": "add", "gelu": "gelu", "relu": "relu"}
STREAM = "relu"
"""The kernel that stands for all others: it reads and writes every byte once."""
GATE = ("silu", "multiply")
"""Kinds of two operators that run as one: a gated activation."""
GROUP, TOKENS, BATCH = "G", "P", "B"
"""Ranks of the scores of attention: heads that share keys, new tokens, sequences."""


def attentions_of(workload: Workload) -> tuple[AttentionGroup, ...]:
    """The attentions that a library runs as one kernel each."""
    return tuple(each for each in attention_groups(workload) if isinstance(each, AttentionGroup))


def kernels_of(workload: Workload, attentions: Iterable[AttentionGroup]) -> tuple[Kernel, ...]:
    """The operators grouped into kernels, in the workload's order of their last operators.

    Those of ``attentions`` are one kernel each, other attentions one an operator; mixtures of experts are
    one each, gates in them not apart.
    """
    groups = [*_gates(workload), *(each.operators for each in attentions), *mixtures_of(workload)]
    member = {op.name: group for group in groups for op in group}
    return tuple(_ordered(workload, member))


def _ordered(workload: Workload, member: dict[str, Kernel]) -> Iterator[Kernel]:
    for op in workload.operators:
        group = member.get(op.name, (op,))
        if op.name == group[-1].name:
            yield group


def _gates(workload: Workload) -> Iterator[Kernel]:
    """A SiLU whose only reader multiplies it."""
    for op in workload.operators:
        readers = workload.consumers.get(op.outputs[0].tensor, ()) if op.outputs else ()
        if op.kind == GATE[0] and len(readers) == 1 and workload.by_name[readers[0]].kind == GATE[1]:
            yield (op, workload.by_name[readers[0]])


def call_of(workload: Workload, kernel: Kernel) -> Call | None:
    """The kernel's call; None where it moves and computes nothing.

    Raises:
        InputError: a product in a datatype without a kernel, or operators that are no kernel together.
    """
    attention = group_of(workload, kernel) if len(kernel) > 1 else None
    if attention is not None:
        return _attention(workload, attention)
    kinds = tuple(op.kind for op in kernel)
    if kinds[-1] == COMBINE and kernel == mixture_of(workload, kernel[-1]):
        return mixture_call(workload, kernel, _operand_datatype(workload, kernel[0]))
    if len(kernel) > 1 and kinds != GATE:
        names = ", ".join(op.name for op in kernel)
        raise InputError(
            f"no kernel does these operators together: {names}", hint="'hwsim map' makes a new plan"
        )
    if kernel[0].is_contraction:
        return _product(workload, kernel[0])
    return _vector(workload, kernel)


def datatype_of(workload: Workload, *tensors: str) -> str:
    """The widest of the tensors' datatypes.

    Raises:
        InputError: kernels have no such datatype.
    """
    names = [workload.tensors[name].datatype or "" for name in tensors]
    widest = max(names, key=lambda name: DATATYPE_BITS.get(name, 0))
    if widest not in DATATYPES:
        known = ", ".join(DATATYPES)
        raise InputError(
            f"tensor {tensors[names.index(widest)]!r} is {widest}: no kernels for it",
            hint=f"there are {known}",
        )
    return widest


def _operand_datatype(workload: Workload, product: Operator) -> str:
    return datatype_of(workload, *(part.tensor for part in product.inputs[:2]))


def _product(workload: Workload, op: Operator) -> Call:
    problem = product_of(op, workload.tensors)
    sizes = {"batch": problem.batch, "m": problem.M, "n": problem.N, "k": problem.K}
    datatype = _operand_datatype(workload, op)
    return Call("gemm", datatype, {name: float(size) for name, size in sizes.items()}, fresh=True)


def _attention(workload: Workload, group: AttentionGroup) -> Call:
    """One new token is a decode step; several over more keys are as many heads as make up the work."""
    ranks, shape = dict(group.scores.ranks), group.shape
    shared = ranks.get(GROUP, 1)
    tokens = max(1, shape.queries // shared)
    batch = ranks.get(BATCH, 1)
    kv_heads = max(1, shape.instances // batch)
    cache = workload.tensors[group.key].datatype or ""
    datatype = datatype_of(workload, group.query, group.key)
    sizes = {
        "batch": float(batch),
        "heads": float(kv_heads * shared),
        "kv_heads": float(kv_heads),
        "head_dim": (shape.embed + shape.values) / 2,
    }
    words = {"kv_dtype": cache if cache in DATATYPES else datatype}
    if tokens == 1:
        return Call("attention_decode", datatype, {**sizes, "kv_len": float(shape.keys)}, words, fresh=True)
    sizes["heads"] *= tokens / shape.keys
    return Call(
        "attention_prefill",
        datatype,
        {**sizes, "seq": float(shape.keys), "causal": float(shape.masked)},
        words,
    )


def _vector(workload: Workload, kernel: Kernel) -> Call | None:
    op, last = kernel[0], kernel[-1]
    out = workload.tensors[last.outputs[0].tensor]
    datatype = _vector_datatype(out.datatype)
    if len(kernel) > 1:
        return _rows("silu_mul", datatype, out.elements, out.shape[-1] if out.shape else 1, 2)
    if op.kind in ROW_KERNELS and op.fiber > 1:
        return _rows(ROW_KERNELS[op.kind], datatype, out.elements, op.fiber, 1)
    if op.kind in ELEMENT_KERNELS:
        return _rows(
            ELEMENT_KERNELS[op.kind], datatype, out.elements, 1, len(op.inputs) if op.kind == "add" else 1
        )
    moved = sum(touched_bytes(op, part, workload.tensors) for part in (*op.inputs, *op.outputs))
    elements = -(-moved * 8 // (2 * DATATYPE_BITS[datatype]))
    return _rows(STREAM, datatype, elements, 1, 1) if elements else None


def _rows(operator: str, datatype: str, elements: int, columns: int, inputs: int) -> Call:
    rows = math.ceil(elements / columns)
    sizes = {"rows": float(rows), "cols": float(columns), "n_in": float(inputs), "n_out": 1.0}
    if operator in ELEMENT_KERNELS.values():
        sizes["rows"], sizes["cols"] = 1.0, float(max(1, elements))
    return Call(operator, datatype, sizes, fresh=True)


def _vector_datatype(name: str | None) -> str:
    """A datatype that kernels have, of the same width; 32 bits for everything wider."""
    if name in DATATYPES:
        return str(name)
    bits = DATATYPE_BITS.get(name or "", 32)
    return "int8" if bits <= 8 else "fp16" if bits <= 16 else "fp32"
