"""What a served trace is told by: throughput, times to the first token and for each after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hwsim.simulation.serving.requests import Request, total_tokens
from hwsim.simulation.serving.server import Served

PERCENTS = (50, 90, 95, 99)


def summary_of(served: Served, requests: Sequence[Request]) -> dict[str, Any]:
    """One number a name, units in the names; percentiles are the smallest time that as many are within."""
    tokens = sum(each.request.output for each in served.done)
    first = sorted(each.time_to_first_token for each in served.done)
    each_token = sorted(t for t in (each.time_per_token for each in served.done) if t is not None)
    whole = sorted(each.last - each.request.arrival for each in served.done)
    seconds = served.seconds
    return {
        "requests": len(requests),
        "done": len(served.done),
        "rejected": len(served.rejected),
        "tokens": tokens,
        "tokens_asked": total_tokens(requests),
        "seconds": seconds,
        "tokens_per_s": tokens / seconds if seconds else 0.0,
        "requests_per_s": len(served.done) / seconds if seconds else 0.0,
        "iterations": served.iterations,
        "prefills": served.prefills,
        "preemptions": served.preemptions,
        "mean_batch": served.batch,
        "imbalance": served.imbalance,
        "utilization": {
            "npu": min(1.0, served.npu / seconds) if seconds else 0.0,
            "pim": min(1.0, served.pim / seconds) if seconds else 0.0,
        },
        "time_to_first_token_s": percentiles(first),
        "time_per_output_token_s": percentiles(each_token),
        "latency_s": percentiles(whole),
    }


def percentiles(ordered: Sequence[float]) -> dict[str, float | None]:
    """Mean, and the least value that so many percent are within; None of nothing."""
    if not ordered:
        return dict.fromkeys(("mean", *(f"p{percent}" for percent in PERCENTS)))
    found: dict[str, float | None] = {"mean": sum(ordered) / len(ordered)}
    for percent in PERCENTS:
        found[f"p{percent}"] = ordered[max(0, -(-percent * len(ordered) // 100) - 1)]
    return found
