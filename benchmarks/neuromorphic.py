"""Spiking networks against SANA-FE in one run: seconds at ``detailed`` timing, and that both say the same.

``python benchmarks/neuromorphic.py [PEER/bin/python]``: with the interpreter of an environment that has
sanafe==2.2.9 the peer runs on the same files right after ours. Compilation is reported apart. At the end, one
million neurons for 100 steps with the peak of memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from hwsim.arch.load import load_arch
from hwsim.energy.load import load_technology
from hwsim.energy.spiking import energy_by_bucket
from hwsim.engines.neuromorphic.chip import chip_of
from hwsim.engines.neuromorphic.counts import counts_by_step
from hwsim.engines.neuromorphic.program import program_of
from hwsim.engines.neuromorphic.run import run_network, run_program
from hwsim.validation.registry import SHIPPED
from hwsim.workload.spiking.network import Population, SpikingNetwork
from hwsim.workload.spiking.tables import NetworkTables, read_network

SIZES = ((2_000, 200), (20_000, 100), (200_000, 50))
"""Neurons, and time steps."""
FAN = 10
NEURONS_A_CORE = 500
"""SANA-FE's Loihi neurons have room for 1024 a core."""
MESH = (("[0..31]", "[0..127]"), ("width: 8", "width: 16"), ("height: 4", "height: 8"))
"""What makes the chip four times as large."""
PEER = Path(__file__).with_name("sanafe_peer.py")
ARCH = SHIPPED / "sanafe" / "arch" / "loihi_like.yaml"


def main() -> None:
    """Print a line for each size."""
    peer = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        text = ARCH.read_text(encoding="utf-8").replace("supported: 1024", "supported: 8192")
        for before, after in MESH:
            text = text.replace(before, after)
        (folder / "arch.yaml").write_text(text, encoding="utf-8")
        for neurons, steps in SIZES:
            write_network(folder, neurons)
            compare(folder, neurons, steps, peer)
        million(folder)


def compare(folder: Path, neurons: int, steps: int, peer: str | None) -> None:
    """Run one network here and, if there is one, with the peer."""
    arch = load_arch(str(folder / "arch.yaml"))
    chip = chip_of(arch)
    network = read_network(NetworkTables(folder / "neurons.csv", folder / "edges.csv", None, steps, "dense"))
    started = time.perf_counter()
    run_network(chip, network, network.cores)
    first = time.perf_counter() - started
    started = time.perf_counter()
    program = program_of(chip, network, network.cores)
    load = time.perf_counter() - started
    started = time.perf_counter()
    run = run_program(chip, network, network.cores, program)
    ours = time.perf_counter() - started
    counts = counts_by_step(run)
    parts = energy_by_bucket(counts, arch, load_technology("cmos_45nm"))
    energy = sum(part.sum() for part in parts.values())
    latency = float((run.record.detailed + run.barrier).sum())
    line = (
        f"{neurons:>8} neurons {steps} steps, {run.spikes} spikes: hwsim {load:.3f} s to load, {ours:.3f} s"
    )
    line += f" to run ({first:.1f} s with compilation)"
    if peer is not None:
        command = [peer, str(PEER), str(folder), str(steps)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        theirs = json.loads(done.stdout.splitlines()[-1])
        same = f"energy {energy / theirs['energy_j'] - 1:+.1e}, time {latency / theirs['latency_s'] - 1:+.1e}"
        ratio = f"{theirs['run_s'] / ours:.1f} x in the run"
        line += f"; SANA-FE {theirs['load_s']:.3f} s, {theirs['run_s']:.3f} s: {ratio}; {same}"
    print(line)


def write_network(folder: Path, neurons: int) -> None:
    """A recurrent network of neighbouring cores with ``FAN`` synapses a neuron.

    The leak is exact in binary: the Python interface of SANA-FE rounds attributes to single precision, so
    0.95 would be another leak there.
    """
    rng = np.random.default_rng(neurons)
    cores = np.arange(neurons) // NEURONS_A_CORE
    bias = rng.integers(0, 12, neurons)
    rows = "".join(f"{i},{cores[i]},lif,{bias[i]},0.9375,120\n" for i in range(neurons))
    (folder / "neurons.csv").write_text("id,core,unit,bias,leak_decay,threshold\n" + rows, encoding="utf-8")
    source = np.repeat(np.arange(neurons), FAN)
    span = 4 * NEURONS_A_CORE // FAN
    offset = 1 + np.tile(np.arange(FAN), neurons) * span + rng.integers(0, span, source.size)
    target = (source + offset) % neurons
    weight = rng.integers(-8, 17, source.size)
    edges = "\n".join(f"{a},{b},{w}" for a, b, w in zip(source, target, weight, strict=True))
    (folder / "edges.csv").write_text(f"src,dst,weight\n{edges}\n", encoding="utf-8")


def million(folder: Path) -> None:
    """One million neurons with ten million synapses for 100 steps."""
    chip = chip_of(load_arch(str(folder / "arch.yaml")))
    neurons, rng = 1_000_000, np.random.default_rng(7)
    source = np.repeat(np.arange(neurons), FAN)
    target = np.sort(
        ((source + rng.integers(1, 30_000, source.size)) % neurons).reshape(neurons, FAN), axis=1
    )
    network = SpikingNetwork(
        timesteps=100,
        ids=np.arange(neurons),
        populations=(Population("cells", "lif"),),
        population=np.zeros(neurons, dtype=np.int64),
        parameters={
            "bias": rng.integers(0, 12, neurons).astype(np.float64),
            "leak_decay": np.full(neurons, 0.9375),
            "threshold": np.full(neurons, 120.0),
        },
        cores=np.arange(neurons) * 512 // neurons,
        source=source,
        target=target.ravel(),
        weight=rng.integers(-8, 17, source.size).astype(np.float64),
        delay=np.zeros(source.size, dtype=np.int64),
        train_begin=np.zeros(neurons + 1, dtype=np.int64),
        trains=np.zeros(0, dtype=np.int64),
        synapse="dense",
    )
    started = time.perf_counter()
    run = run_network(chip, network, network.cores)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{neurons:>8} neurons 100 steps, {run.spikes} spikes: hwsim {seconds:.1f} s, peak {peak:.2f} GiB")


if __name__ == "__main__":
    main()
