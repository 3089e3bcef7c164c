"""Calls as PyTorch functions over tensors of their own. Imported only where PyTorch is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hwsim.engines.gpu.calls import Call

Run = Callable[[], Any]
Builder = Callable[[Call, Any, Callable[..., Any], int], list[Run]]
DATATYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}
"""PyTorch's by ours; others have no kernels without extra libraries."""
EPSILON = 1e-5


def prepare(call: Call, torch: Any, device: str, copies: int) -> list[Run]:
    """The call over ``copies`` sets of weights, to be run in turn."""
    datatype = getattr(torch, DATATYPES[call.datatype])

    def tensor(*shape: float) -> Any:
        return torch.randn([int(size) for size in shape], device=device).to(datatype)

    return _BUILDERS.get(call.operator, _vector)(call, torch, tensor, copies)


def _gemm(call: Call, torch: Any, tensor: Callable[..., Any], copies: int) -> list[Run]:
    size = call.sizes
    left = tensor(size["batch"], size["m"], size["k"])
    rights = [tensor(size["batch"], size["k"], size["n"]) for _ in range(copies)]
    return [partial(torch.matmul, left, right) for right in rights]


def _attention(call: Call, torch: Any, tensor: Callable[..., Any], copies: int) -> list[Run]:
    size = call.sizes
    decode = call.operator == "attention_decode"
    queries, keys = (1, size["kv_len"]) if decode else (size["seq"], size["seq"])
    query = tensor(size["batch"], size["heads"], queries, size["head_dim"])
    caches = [tensor(2, size["batch"], size["kv_heads"], keys, size["head_dim"]) for _ in range(copies)]
    group = int(size["heads"] // size["kv_heads"])
    attend = torch.nn.functional.scaled_dot_product_attention

    def run(cache: Any) -> Any:
        key, value = (part.repeat_interleave(group, dim=1) if group > 1 else part for part in cache)
        return attend(query, key, value, is_causal=not decode)

    return [partial(run, cache) for cache in caches]


def _moe(call: Call, torch: Any, tensor: Callable[..., Any], copies: int) -> list[Run]:
    """Tokens dealt out evenly, expert by expert: what a framework does without a fused kernel."""
    size = call.sizes
    inner, experts, topk = int(size["inter"] / size["tp"]), int(size["experts"]), int(size["topk"])
    tokens = tensor(size["tokens"], size["hidden"])
    weights = [
        (tensor(experts, size["hidden"], 2 * inner), tensor(experts, inner, size["hidden"]))
        for _ in range(copies)
    ]
    slots = torch.arange(len(tokens) * topk, device=tokens.device)

    def run(up: Any, down: Any) -> Any:
        out = torch.zeros_like(tokens)
        for expert in range(experts):
            chosen = slots[slots % experts == expert] // topk
            if len(chosen):
                gate, value = (tokens[chosen] @ up[expert]).chunk(2, dim=-1)
                out.index_add_(0, chosen, (torch.nn.functional.silu(gate) * value) @ down[expert])
        return out

    return [partial(run, up, down) for up, down in weights]


def _vector(call: Call, torch: Any, tensor: Callable[..., Any], copies: int) -> list[Run]:
    del copies
    function = torch.nn.functional
    rows, columns = call.sizes["rows"], call.sizes["cols"]
    first, second = tensor(rows, columns), tensor(rows, columns)
    shape, scale = (int(columns),), tensor(columns)
    runs: dict[str, Run] = {
        "add": lambda: first + second,
        "relu": lambda: function.relu(first),
        "gelu": lambda: function.gelu(first),
        "silu_mul": lambda: function.silu(first) * second,
        "softmax": lambda: torch.softmax(first, dim=-1),
        "layernorm": lambda: function.layer_norm(first, shape),
        "rmsnorm": lambda: first * torch.rsqrt(first.pow(2).mean(-1, keepdim=True) + EPSILON) * scale,
    }
    return [runs[call.operator]]


_BUILDERS: dict[str, Builder] = {
    "gemm": _gemm,
    "attention_prefill": _attention,
    "attention_decode": _attention,
    "moe": _moe,
}
