"""Million requests a second of the DRAM model, on one core: ``python benchmarks/dram.py``.

The core alone, best of several runs, compiled before; and beside it, in the same run, the plain-Python twin
of the tests, whose last cycle is checked to be the same. With ``--dramsim3 PROGRAM CONFIG`` also DRAMsim3
(its ``dramsim3main``, installed by the user) on a trace of the same requests.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import numpy as np
from engines.dram.twin import Twin

from hwsim.engines.dram.address import address_map_of
from hwsim.engines.dram.controller import Controller
from hwsim.engines.dram.device import Device, load_device
from hwsim.engines.dram.kernel.loop import run
from hwsim.engines.dram.kernel.setup import tables_of
from hwsim.engines.dram.simulate import requests_of, simulate
from hwsim.engines.dram.streams import Stream, stream
from hwsim.engines.dram.timing import timing_of

PATTERNS = ("seq", "rand", "rand:w=0.33")
MANY, FEW, RUNS = 500_000, 1_500, 5
MILLION = 1e6


def core_seconds(device: Device, requests: Stream) -> float:
    """Processor time of the core on a stream, the best of several runs."""
    best = float("inf")
    for _ in range(RUNS):
        tables = tables_of(device, timing_of(device), Controller())
        table = requests_of(device, requests)
        trace = np.zeros((0, 5), np.int64)
        begin = time.process_time()
        run(tables.setup, tables.banks, tables.channels, table, trace, 1)
        best = min(best, time.process_time() - begin)
    return best


def twin_seconds(device: Device, requests: Stream) -> float:
    """Processor time of the twin, whose answer is compared."""
    twin = Twin(device, requests, Controller(), 1)
    begin = time.process_time()
    last = twin.run()
    seconds = time.process_time() - begin
    assert last == simulate(device, requests).last_completion
    return seconds


def peer_seconds(program: str, config: str, requests: Stream, cycles: int, unit: int) -> float:
    """Processor time of DRAMsim3 on a trace of the same requests, for as many cycles as ours took."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "requests.trace"
        rows = zip(requests.unit.tolist(), requests.is_write.tolist(), requests.arrival.tolist(), strict=True)
        trace.write_text("".join(f"0x{u * unit:x} {'WRITE' if w else 'READ'} {t}\n" for u, w, t in rows))
        begin = time.perf_counter()
        command = [program, config, "-c", str(cycles), "-t", str(trace), "-o", folder]
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - begin


def main() -> None:
    """Print a line a pattern."""
    parser = argparse.ArgumentParser(description="Speed of the DRAM model.")
    parser.add_argument("--device", default="hbm2")
    parser.add_argument("--dramsim3", nargs=2, metavar=("PROGRAM", "CONFIG"))
    asked = parser.parse_args()
    device = load_device(asked.device)
    addresses = address_map_of(device)
    simulate(device, stream("rand", 10, 1, addresses))  # compiles
    for pattern in PATTERNS:
        many, few = (stream(pattern, count, 1, addresses) for count in (MANY, FEW))
        ours, twin = core_seconds(device, many) / MANY, twin_seconds(device, few) / FEW
        speed = f"{1 / ours / MILLION:6.2f} M requests/s, {twin / ours:7.0f} x the twin"
        line = f"{asked.device} {pattern:12} {speed}"
        if asked.dramsim3:
            cycles = simulate(device, many).cycles
            peer = peer_seconds(*asked.dramsim3, many, cycles, device.organization.request_bytes) / MANY
            line += f", {peer / ours:6.1f} x DRAMsim3"
        print(line)


if __name__ == "__main__":
    main()
