"""Regenerate ``neuromorphic.md``: ``python reports/neuromorphic_page.py [FOLDER of published energies]``."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import spiking_layers_page

from hwsim.arch.load import load_arch
from hwsim.energy.load import load_technology
from hwsim.energy.spiking import energy_by_bucket
from hwsim.engines.neuromorphic.chip import Chip, chip_of
from hwsim.engines.neuromorphic.counts import counts_by_step
from hwsim.engines.neuromorphic.placement import placed, round_robin
from hwsim.engines.neuromorphic.run import run_network
from hwsim.validation.comparison import Comparison
from hwsim.validation.references import sanafe, snn_energy
from hwsim.workload.spiking.network import SpikingNetwork

PAGE = Path(__file__).parent / "neuromorphic.md"
KEPT = "## Published energies of spiking networks"


@dataclass(frozen=True, slots=True)
class Placed:
    """What one placement costs: seconds, joules, packets and hops."""

    seconds: float
    joules: float
    packets: int
    hops: int


def main(published: Path | None = None) -> None:
    """Write the page; the section on published energies stays as it is where these are not given."""
    last = energies(snn_energy.compare(published)) if published else kept()
    parts = (spikes(sanafe.compare()), flits(), placements(), spiking_layers_page.sections(), last)
    PAGE.write_text("\n".join(line for part in parts for line in (*part, "")))


def spikes(found: Comparison) -> list[str]:
    """Runs against SANA-FE."""
    lines = ["# Neuromorphic cores", "", "## Against SANA-FE 2.2.9", "", "`hwsim validate sanafe`", ""]
    lines += [f"* {note}" for note in found.notes]
    lines += ["", "| metric | rows | equal | largest error | mean error |", "|---|---|---|---|---|"]
    lines += [
        "| {metric} | {n} | {exact} | {max_error:.3g} | {mean_error:.3g} |".format(**row)
        for row in found.summary()
    ]
    worst = max((row for row in found.rows if row.metric == "sim_time"), key=lambda row: abs(row.error or 0))
    lines += [
        "",
        f"Rows outside their tolerance: {found.failed}. Largest error of a step's time: {worst.case}, ",
    ]
    lines += [
        f"{100 * (worst.error or 0):+.2f} %. SANA-FE sends the messages of one spike in the order of the"
    ]
    lines += [
        "addresses of its objects, which no input tells; with cores in the order 0 1 4 5 6 7 2 3, the best"
    ]
    lines += [
        "of all tried, 265 of the 300 steps of rec128_8core are equal. Small steps average four orders."
    ]
    return lines


def flits() -> list[str]:
    """Messages flit by flit against what SANA-FE's external flit simulator printed."""
    case = sanafe.read_case(sanafe.SHIPPED / "ff512_loihi")
    net = replace(case.network, timesteps=10)
    file = str(sanafe.SHIPPED / "arch" / "loihi_like.yaml")
    found = []
    for sets in ((), ("mesh.flits=2", "mesh.flit_latency=1 ns")):
        chip = chip_of(load_arch(file, sets))
        run = run_network(chip, net, net.cores)
        found.append(1e6 * float((run.record.detailed + run.barrier).sum()))
    return [
        "## Flits",
        "",
        "`--set mesh.flits=2 --set 'mesh.flit_latency=1 ns'`: messages flit by flit through finite buffers.",
        f"ff512_loihi, 10 steps: {found[0]:.3f} us by links' density, {found[1]:.3f} us by flits; SANA-FE's",
        "detailed model 29.338 us, its external flit simulator (another concentrated mesh) 29.427 us.",
    ]


def placements() -> list[str]:
    """Our placement against neuron after neuron on the next core."""
    lines = ["## Placing neurons", "", "The reference networks without their cores, placed by hwsim and by"]
    lines += ["taking turns (round robin) over all cores of the chip; time at `event` fidelity.", ""]
    lines += [
        "| network | time, turns | time, hwsim | energy | packets | hops |",
        "|---|---|---|---|---|---|",
    ]
    for folder in sorted(sanafe.SHIPPED.glob("*/case.json")):
        case = sanafe.read_case(folder.parent)
        chip, net = chip_of(case.arch), case.network
        free = replace(net, cores=np.full(net.neurons, -1, dtype=np.int64))
        turns, ours = (cost(chip, free, cores) for cores in (round_robin(chip, free), placed(chip, free)))
        lines.append(
            f"| {case.name} | {1e6 * turns.seconds:.1f} us | {1e6 * ours.seconds:.1f} us "
            f"({_change(ours.seconds, turns.seconds)}) | {_change(ours.joules, turns.joules)} "
            f"| {_change(ours.packets, turns.packets)} | {_change(ours.hops, turns.hops)} |"
        )
    return lines


def cost(chip: Chip, network: SpikingNetwork, cores: np.ndarray) -> Placed:
    """What a network costs on these cores."""
    run = run_network(chip, network, cores)
    counts = counts_by_step(run)
    energy = energy_by_bucket(counts, chip.arch, load_technology(chip.arch.technology))
    return Placed(
        seconds=float((run.record.detailed + run.barrier).sum()),
        joules=float(sum(part.sum() for part in energy.values())),
        packets=int(counts.of("axon_out").sum()),
        hops=int(counts.of("hop").sum()),
    )


def energies(found: Comparison) -> list[str]:
    """Published energies recomputed, and the traps in them."""
    lines = [KEPT, "", "`hwsim validate snn_energy --data PATH`; hwsim does not ship the figures.", ""]
    lines += ["| metric | rows | largest error |", "|---|---|---|"]
    lines += [f"| {row['metric']} | {row['n']} | {row['max_error']:.3g} |" for row in found.summary()]
    lines += ["", f"Rows outside their tolerance: {found.failed}.", ""]
    return [*lines, *(f"* {note}" for note in found.notes)]


def kept() -> list[str]:
    """The section on published energies that the page has already."""
    text = PAGE.read_text() if PAGE.exists() else ""
    return (KEPT + text.partition(KEPT)[2]).rstrip().splitlines() if KEPT in text else []


def _change(ours: float, theirs: float) -> str:
    return f"{100 * (ours / theirs - 1):+.0f} %" if theirs else "0"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
