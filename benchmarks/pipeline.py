"""How long a user waits: ``python benchmarks/pipeline.py``.

Loaded objects: the best of several runs of ``simulate`` in this process (processor time; mapping included).
Commands: the best of several cold processes, start-up and imports included (wall-clock time).
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import hwsim
from hwsim.energy.load import load_technology

REPEATS = 9
COLD_REPEATS = 5
ARCH = "edge_npu"


def first(workload: str) -> float:
    """Seconds of the first run on a machine whose layers were never searched in this process.

    Loaded are the machine with its technology, the workload and the mapping.
    """
    network, mapping = hwsim.load_workload(workload), hwsim.load_mapping("auto")
    hwsim.simulate("tpu_v1", network, mapping)  # imports and caches that no workload owns
    machine = hwsim.load_arch(ARCH)
    load_technology(machine.technology)
    start = time.process_time()
    hwsim.simulate(machine, network, mapping)
    return time.process_time() - start


def main() -> None:
    """Print one line a measurement, with the target it has in the design."""
    print(f"{'what':44} {'best':>10} {'target':>10}")
    for name in ("resnet50", "bert_base"):
        show(f"simulate {name} on {ARCH}, loaded, first", first(name), 0.050)
        show(f"simulate {name} on {ARCH}, loaded, again", warm(name), 0.050)
    if importlib.util.find_spec("onnx"):
        for graph in ("resnet50", "densenet121"):
            show(f"load {graph}.onnx", loading(graph), 2.0)
    show("hwsim --help", cold("--help"), 0.4)
    show(
        "hwsim run --arch tpu_v1 --workload resnet50",
        cold("run", "--arch", "tpu_v1", "--workload", "resnet50"),
        3.0,
    )


def show(what: str, seconds: float, target: float) -> None:
    """One line of the table."""
    print(f"{what:44} {1e3 * seconds:7.1f} ms {1e3 * target:7.0f} ms")


def best(work: Callable[[], object], repeats: int, clock: Callable[[], float]) -> float:
    """The shortest of several runs: what the machine can do when nothing else disturbs it."""
    times = []
    for _ in range(repeats):
        start = clock()
        work()
        times.append(clock() - start)
    return min(times)


def warm(workload: str) -> float:
    """Seconds to map, run and price a workload that is loaded already."""
    machine, network = hwsim.load_arch(ARCH), hwsim.load_workload(workload)
    mapping = hwsim.load_mapping("auto")
    hwsim.simulate(machine, network, mapping)
    return best(lambda: hwsim.simulate(machine, network, mapping), REPEATS, time.process_time)


def loading(graph: str) -> float:
    """Seconds to read one of the graphs that ship with the onnx package."""
    import onnx

    path = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light" / f"light_{graph}.onnx"
    return best(lambda: hwsim.load_workload(str(path)), 3, time.perf_counter)


def cold(*arguments: str) -> float:
    """Seconds of a command in a process of its own."""
    command = [sys.executable, "-m", "hwsim", *arguments]
    return best(
        lambda: subprocess.run(command, check=True, capture_output=True), COLD_REPEATS, time.perf_counter
    )


if __name__ == "__main__":
    main()
