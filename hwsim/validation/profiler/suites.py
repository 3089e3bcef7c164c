"""Suites of kernels to measure: lists of calls, smallest first, so that a short run covers every operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hwsim.engines.gpu.calls import Call
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
    """The products of a chain of layers, one after another, as COSMA schedules them."""
    for tokens in (64, 512):
        for n, k in ((4096, 1024), (1024, 4096), (4096, 1024), (256, 4096)):
            yield _product(datatype, tokens, n, k)


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
    for tokens in TOKENS[:4]:
        sizes = {"tokens": tokens, "hidden": 1024, "inter": 2048, "topk": 2, "experts": 8, "tp": 1}
        yield _call("moe", datatype, sizes, distribution="balanced")


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
    "transformer": (_gemm, _gemv, _prefill, _decode, _norms, _rows("softmax", 1), _elementwise),
}
"""The parts of each suite."""


def suite(name: str, datatype: str) -> tuple[Call, ...]:
    """The calls of a suite, those of all its parts in turn, each once.

    Raises:
        InputError: there is no such suite.
    """
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
