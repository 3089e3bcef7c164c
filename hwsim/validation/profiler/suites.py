"""Suites of kernels to measure: lists of calls, smallest first, so that a short run covers every operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hwsim.engines.gpu.calls import Call
from hwsim.engines.gpu.kernels import DATATYPES
from hwsim.engines.gpu.routing import counted
from hwsim.spec.errors import InputError, did_you_mean

HIDDEN = (1024, 4096, 8192)
TOKENS = (1, 16, 128, 1024, 4096)
HEADS = ((8, 8), (32, 8), (32, 32))
LENGTHS = (128, 512, 2048, 8192)
HEAD_DIM = 128


def _gemm(datatype: str) -> Iterator[Call]:
    for width in HIDDEN:
        for tokens in TOKENS[1:]:
            for n in (width, 4 * width):
                yield _product(datatype, tokens, n, width)


def _gemv(datatype: str) -> Iterator[Call]:
    for width in HIDDEN:
        for n in (width, 4 * width):
            yield _product(datatype, 1, n, width)


def _chain(datatype: str) -> Iterator[Call]:
    """Chains of products with nothing between, such as COSMA schedules in a scratchpad."""
    for tokens in (64, 512):
        for n, k in ((256, 1024), (1024, 1024), (4096, 1024)):
            for depth in (2, 4):
                yield _call("chain", datatype, {"m": tokens, "n": n, "k": k, "depth": depth})


def _spiking(datatype: str) -> Iterator[Call]:
    """A layer of leaky integrate-and-fire neurons over T time steps."""
    for steps in (4, 32, 128):
        for neurons in (4096, 65_536, 524_288):
            yield _call("lif", datatype, {"steps": steps, "width": neurons, "state": 1})


def _state_space(datatype: str) -> Iterator[Call]:
    """Scans of a state-space layer: channels of all sequences, 16 elements of state each."""
    for steps in (16, 128):
        for channels in (1536, 5120):
            for batch in (1, 4):
                yield _call("scan", datatype, {"steps": steps, "width": channels * batch, "state": 16})


def _prefill(datatype: str) -> Iterator[Call]:
    for length in LENGTHS[:3]:
        for heads, kv_heads in HEADS:
            sizes = {
                "batch": 1,
                "seq": length,
                "heads": heads,
                "kv_heads": kv_heads,
                "head_dim": HEAD_DIM,
                "causal": 1,
            }
            yield _call("attention_prefill", datatype, sizes, kv_dtype=datatype)


def _decode(datatype: str) -> Iterator[Call]:
    for length in LENGTHS:
        for batch in (1, 16):
            for heads, kv_heads in HEADS:
                sizes = {
                    "batch": batch,
                    "kv_len": length,
                    "heads": heads,
                    "kv_heads": kv_heads,
                    "head_dim": HEAD_DIM,
                }
                yield _call("attention_decode", datatype, sizes, kv_dtype=datatype)


def _moe(datatype: str) -> Iterator[Call]:
    """Balanced, and with one expert that every token is sent to."""
    for hidden, inter, experts, topk in ((512, 1024, 8, 2), (2048, 1024, 16, 4)):
        for tokens in TOKENS[:4]:
            sizes = {"tokens": tokens, "hidden": hidden, "inter": inter, "topk": topk, "experts": experts}
            skewed = counted([(1, tokens), *_shared(tokens * (topk - 1), experts - 1)])
            for distribution in ("balanced", skewed):
                yield _call("moe", datatype, {**sizes, "tp": 1}, distribution=distribution)


def _shared(slots: int, experts: int) -> list[tuple[int, int]]:
    """Assignments shared out evenly, as (experts, tokens)."""
    each, more = divmod(slots, experts)
    return [(count, share) for count, share in ((more, each + 1), (experts - more, each)) if count and share]


def _rows(operator: str, inputs: int) -> Callable[[str], Iterator[Call]]:
    def calls(datatype: str) -> Iterator[Call]:
        for columns in HIDDEN:
            for rows in TOKENS:
                yield _call(operator, datatype, {"rows": rows, "cols": columns, "n_in": inputs, "n_out": 1})

    return calls


def _elementwise(datatype: str) -> Iterator[Call]:
    for operator, inputs in (("add", 2), ("relu", 1), ("gelu", 1), ("silu_mul", 2)):
        yield from _rows(operator, inputs)(datatype)


def _norms(datatype: str) -> Iterator[Call]:
    for operator in ("layernorm", "rmsnorm"):
        yield from _rows(operator, 1)(datatype)


SUITES: dict[str, tuple[Callable[[str], Iterator[Call]], ...]] = {
    "gemm": (_gemm,),
    "gemv": (_gemv,),
    "prefill": (_prefill,),
    "decode": (_decode,),
    "moe": (_moe,),
    "norms": (_norms,),
    "softmax": (_rows("softmax", 1),),
    "elementwise": (_elementwise,),
    "chain": (_chain,),
    "spiking": (_spiking,),
    "state_space": (_state_space,),
    "transformer": (_gemm, _gemv, _prefill, _decode, _norms, _rows("softmax", 1), _elementwise),
}
SUITES["all"] = tuple(dict.fromkeys(part for parts in SUITES.values() for part in parts))
"""The parts of each suite."""


def suite(name: str, datatype: str) -> tuple[Call, ...]:
    """The calls of a suite, those of all its parts in turn, each once.

    Raises:
        InputError: there is no such suite or datatype.
    """
    if datatype not in DATATYPES:
        raise InputError(f"there is no datatype {datatype!r}", hint=did_you_mean(datatype, DATATYPES))
    if name not in SUITES:
        raise InputError(f"there is no suite {name!r}", hint=did_you_mean(name, SUITES))
    parts = [list(part(datatype)) for part in SUITES[name]]
    longest = max(len(part) for part in parts)
    in_turn = [part[place] for place in range(longest) for part in parts if place < len(part)]
    return tuple({key(call): call for call in in_turn}.values())


def key(call: Call) -> str:
    """What tells two calls apart."""
    return f"{call.operator} {call.datatype} {call.dimensions}"


def _product(datatype: str, m: int, n: int, k: int) -> Call:
    return _call("gemm", datatype, {"batch": 1, "m": m, "n": n, "k": k})


def _call(operator: str, datatype: str, sizes: dict[str, int], **words: str) -> Call:
    return Call(operator, datatype, {name: float(size) for name, size in sizes.items()}, words)
