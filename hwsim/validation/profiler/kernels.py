"""Calls as PyTorch functions over tensors of their own. Imported only where PyTorch is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from hwsim.engines.gpu.calls import Call
from hwsim.engines.gpu.routing import BALANCED, counts_of

Run = Callable[[], Any]
Builder = Callable[[Call, Any, Callable[..., Any], int], list[Run]]
DATATYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}
"""PyTorch's by ours; others have no kernels without extra libraries."""
EPSILON = 1e-5
WEIGHTED = ("gemm", "chain", "moe")
"""Operators with weights, which may be cold; all others only have activations."""
THRESHOLD, DECAY = 1.0, 0.9
"""Of the neurons: any values do, the kernels are the same."""


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
    attend = torch.nn.functional.scaled_dot_product_attention
    shared = {"enable_gqa": True} if size["heads"] > size["kv_heads"] else {}

    def run(cache: Any) -> Any:
        key, value = cache
        return attend(query, key, value, is_causal=not decode, **shared)

    return [partial(run, cache) for cache in caches]


def _moe(call: Call, torch: Any, tensor: Callable[..., Any], copies: int) -> list[Run]:
    """Tokens dealt out as the distribution says, expert by expert, as without a fused kernel.

    Raises:
        RuntimeError: the distribution is not one of exact counts.
    """
    size = call.sizes
    inner, experts, topk = int(size["inter"] / size["tp"]), int(size["experts"]), int(size["topk"])
    tokens = tensor(size["tokens"], size["hidden"])
    weights = [
        (tensor(experts, size["hidden"], 2 * inner), tensor(experts, inner, size["hidden"]))
        for _ in range(copies)
    ]
    loads = exact_loads(call.words["distribution"], experts, len(tokens) * topk)
    dealt = torch.arange(len(tokens), device=tokens.device).repeat(topk).split(loads)

    def run(up: Any, down: Any) -> Any:
        out = torch.zeros_like(tokens)
        for expert, chosen in enumerate(dealt):
            if len(chosen):
                gate, value = (tokens[chosen] @ up[expert]).chunk(2, dim=-1)
                out.index_add_(0, chosen, (torch.nn.functional.silu(gate) * value) @ down[expert])
        return out

    return [partial(run, up, down) for up, down in weights]


def exact_loads(distribution: str, experts: int, slots: int) -> list[int]:
    """Tokens of each expert.

    Raises:
        RuntimeError: the distribution is random, or its counts are not those of the experts and slots.
    """
    if distribution in BALANCED:
        return [slots // experts + (place < slots % experts) for place in range(experts)]
    loads = counts_of(distribution)
    if sum(loads) != slots or len(loads) > experts:
        raise RuntimeError(f"{distribution!r} does not deal {slots} tokens to {experts} experts")
    return loads


def _chain(call: Call, torch: Any, tensor: Callable[..., Any], copies: int) -> list[Run]:
    size = call.sizes
    first = tensor(size["m"], size["k"])
    widths = [(size["k"], size["n"]), (size["n"], size["k"])]
    sets = [
        [tensor(*widths[place % 2]) / widths[place % 2][0] ** 0.5 for place in range(int(size["depth"]))]
        for _ in range(copies)
    ]

    def run(weights: list[Any]) -> Any:
        found = first
        for weight in weights:
            found = torch.matmul(found, weight)
        return found

    return [partial(run, weights) for weights in sets]


def _lif(call: Call, torch: Any, tensor: Callable[..., Any], copies: int) -> list[Run]:
    """Leaky integrate-and-fire neurons, forward Euler, reset by subtraction: three kernels a step."""
    del copies
    currents = tensor(call.sizes["steps"], call.sizes["width"])
    spikes, potential = torch.empty_like(currents), torch.zeros_like(currents[0])

    def run() -> Any:
        for current, spike in zip(currents, spikes, strict=True):
            torch.add(current, potential, alpha=DECAY, out=potential)
            torch.ge(potential, THRESHOLD, out=spike)
            potential.sub_(spike, alpha=THRESHOLD)
        return spikes

    return [run]


def _scan(call: Call, torch: Any, tensor: Callable[..., Any], copies: int) -> list[Run]:
    """A selective scan step by step: update the state, weigh it, add it up."""
    del copies
    steps, width, state = (call.sizes[name] for name in ("steps", "width", "state"))
    decays, drives = torch.sigmoid(tensor(steps, width, state)), tensor(steps, width, state)
    weights, hidden = tensor(state), torch.zeros_like(drives[0])
    outputs = torch.empty_like(drives[..., 0])

    def run() -> Any:
        for decay, drive, output in zip(decays, drives, outputs, strict=True):
            torch.addcmul(drive, decay, hidden, out=hidden)
            torch.sum(hidden * weights, dim=-1, out=output)
        return outputs

    return [run]


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
    "chain": _chain,
    "lif": _lif,
    "scan": _scan,
}
