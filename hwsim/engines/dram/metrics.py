"""What is said about a run: one number a name, the names those of hwsim's reference data for DRAM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hwsim.engines.dram.address import Numbers
from hwsim.engines.dram.simulate import DramRun
from hwsim.engines.dram.standard import Does

_GIGA = 1e9
_READS: tuple[Does, ...] = ("read", "read_and_close")
_WRITES: tuple[Does, ...] = ("write", "write_and_close")
_REFRESHES: tuple[Does, ...] = ("refresh", "refresh_bank")


def counts_of(run: DramRun) -> dict[str, int]:
    """Cycles and counts."""
    writes = int(run.stream.is_write.sum())
    return {
        "cycles_last_completion": run.last_completion,
        "cycles_last_accept": int(run.accepted.max()),
        "sim_cycles": run.cycles,
        "reads": len(run.done) - writes,
        "writes": writes,
        "rd_cmds": issued(run, _READS),
        "wr_cmds": issued(run, _WRITES),
        "act": issued(run, ("open",)),
        "pre": issued(run, ("close",)),
        "ref": issued(run, _REFRESHES),
        "rd_row_hits": run.row_hits[0],
        "wr_row_hits": run.row_hits[1],
        "dual_cmds": run.pairs,
    }


def issued(run: DramRun, does: tuple[Does, ...]) -> int:
    """Commands issued that do one of ``does``."""
    known = run.device.standard.commands
    return sum(count for name, count in run.commands.items() if known[name].does in does)


def latencies_of(run: DramRun) -> dict[str, float | int | None]:
    """Cycles from the acceptance of a read to its completion: mean, median, 95th percentile, largest.

    A percentile is the smallest latency that is above the share of all that it names; None without reads.
    """
    ordered = np.sort(run.read_latencies)
    if not len(ordered):
        return dict.fromkeys(("read_lat_avg", "read_lat_p50", "read_lat_p95", "read_lat_max"))
    return {
        "read_lat_avg": round(float(ordered.mean()), 4),
        "read_lat_p50": _above(ordered, 50),
        "read_lat_p95": _above(ordered, 95),
        "read_lat_max": int(ordered[-1]),
    }


def _above(ordered: Numbers, percent: int) -> int:
    return int(ordered[min(len(ordered) * percent // 100, len(ordered) - 1)])


def answer_of(run: DramRun) -> Mapping[str, Any]:
    """Everything as ``hwsim dram --json`` writes it; what is not in cycles or counts says its unit.

    ``lower_bound_cycles`` is the data bus time of the reads spread evenly over the channels: writes are
    posted and may come later. ``utilization`` is the share of the time of all data buses that is used.
    """
    parts, clock = run.device.organization, run.device.file.clock_period
    reads, columns = issued(run, _READS), issued(run, (*_READS, *_WRITES))
    return {
        "device": run.device.name,
        **counts_of(run),
        **latencies_of(run),
        "latency_s": run.latency_s,
        "bandwidth_bytes_per_s": run.bandwidth,
        "bw_gbps": run.bandwidth / _GIGA,
        "peak_bandwidth_bytes_per_s": run.device.peak_bandwidth,
        "utilization": columns * parts.burst_cycles / (run.cycles * parts.channels),
        "lower_bound_cycles": -(-reads // parts.channels) * parts.burst_cycles,
        "clock_period_s": clock,
        "commands": run.commands,
        "energy_j": run.energy.total,
        "energy_by_term_j": dict(run.energy.terms),
        "energy_source": run.energy.source,
    }
