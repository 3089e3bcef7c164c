"""Seconds of serving a language model on NPUs with PIM: ``python benchmarks/serving.py``.

One decode iteration of GPT-3 6.7B at batch 256 (306 tokens each, one device of four with its 32 channels)
command by command: cold, and again from memory; and a trace of 1,000 requests. Compiled before.
"""

from __future__ import annotations

import time

from hwsim.arch.load import load_arch
from hwsim.simulation.serving.iteration import Timer
from hwsim.simulation.serving.requests import generated, steady_lengths
from hwsim.simulation.serving.server import Server
from hwsim.simulation.serving.source import source_of
from hwsim.simulation.serving.system import System, system_of

BATCH, REQUESTS = 256, 1000
FOUR = ("memory.fanout=4", "system.pipeline_parallel=1")


def system(machine: str) -> System:
    """Four devices of a machine, which share a layer."""
    return system_of(load_arch(machine, FOUR))


def iteration(timer: Timer, lengths: tuple[int, ...]) -> float:
    """Seconds that one iteration takes to simulate."""
    begin = time.perf_counter()
    source = source_of("gpt3_7b", (), "fp16")
    timer.iteration(source.decode(len(lengths)), timer.assigned(source.attention, lengths))
    return time.perf_counter() - begin


def main() -> None:
    """Print a line a figure."""
    for what, lengths in (
        ("equal lengths", (306,) * BATCH),
        ("lengths of ShareGPT", steady_lengths("sharegpt", BATCH, 1)),
    ):
        iteration(Timer(system("neupims"), commands=True), (32, 64))  # compiles
        timer = Timer(system("neupims"), commands=True)
        cold, again = iteration(timer, lengths), iteration(timer, lengths)
        print(f"neupims, {what}: an iteration command by command {cold:.2f} s cold, {again:.3f} s remembered")
    trace = generated("sharegpt", REQUESTS, None, 1)
    for machine in ("neupims", "npu_only", "gpu_only"):
        devices = system(machine)
        begin = time.perf_counter()
        source = source_of("gpt3_7b", (), devices.device.datatype)
        served = Server(Timer(devices), source, BATCH).serve(trace)
        seconds = time.perf_counter() - begin
        print(f"{machine}: {len(served.done)} requests, {served.iterations} iterations in {seconds:.1f} s")


if __name__ == "__main__":
    main()
