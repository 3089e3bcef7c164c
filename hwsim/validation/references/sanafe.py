"""Neuromorphic chips: 10 networks run spike by spike by SANA-FE 2.2.9.

Source: hwsim's own reference data; networks and architecture files generated from seeds, results as the tool
printed them. Its ``detailed`` time varies from run to run by up to 0.35 %, so it is judged within 1 %.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwsim.arch.load import load_arch
from hwsim.spec.errors import InputError, Position
from hwsim.spec.files import read_text
from hwsim.spec.located_json import parse_json
from hwsim.validation.comparison import Comparison, Coverage, Row, Value
from hwsim.validation.csv_table import Record, read_table

if TYPE_CHECKING:
    from hwsim.arch.machine import Arch
    from hwsim.workload.spiking.network import SpikingNetwork

NAME = "sanafe"
SHIPPED = Path(__file__).parent.parent / "data" / "sanafe"
ENERGY, SIMPLE, DETAILED, DETAILED_STEP = 1e-9, 1e-9, 0.01, 0.05
"""Tolerances, relative; printed tables have ten digits."""
_NOTES = (
    "a row for each case and metric of result.json, and for each case/timestep and column of perf.csv",
    "raster_sha256: the hash of the list of every spike, as raster.txt has it",
    "energy_J.* within 1e-9, sim_time_s.simple within 1e-9; sim_time_s.detailed within 1 % and each of its "
    "steps within 5 %, since the tool itself gives other values from run to run",
    "the tool sends the messages of a spike in the order of memory addresses, unknown from outside: ours is "
    "the mean over four orders of cores",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One folder: its name, the machine, the network and what the reference says of the run."""

    name: str
    arch: Arch
    network: SpikingNetwork
    result: dict[str, Any]
    steps: tuple[Record, ...]


def compare(data: Path | None = None) -> Comparison:
    """Run every case in the folder ``data``, one case's own folder, or the cases shipped.

    A case is a folder with ``case.json``; its machine is ``arch/NAME.yaml`` beside it. ``result.json`` and
    ``perf.csv`` may be absent: what they would say is then only reported.

    Raises:
        InputError: there is no case, or a file of one is at fault.
    """
    cases = [read_case(folder) for folder in _folders(data or SHIPPED)]
    rows = tuple(row for case in cases for row in _rows(case))
    return Comparison(NAME, rows, _NOTES, (_coverage(cases),))


def _coverage(cases: list[Case]) -> Coverage:
    """What the cases say about meshes, and for which."""
    from hwsim.engines.neuromorphic.chip import chip_of

    meshes = [chip_of(case.arch).mesh for case in cases]
    sizes = {name: [getattr(mesh, name) for mesh in meshes] for name in ("width", "height", "link_buffer")}
    covered = {name: (min(values), max(values)) for name, values in sizes.items()}
    return Coverage("spike_mesh", "time of a run", "sim_time_s.detailed", "SANA-FE 2.2.9", covered)


def _folders(data: Path) -> list[Path]:
    if (data / "case.json").is_file():
        return [data]
    found = sorted(each.parent for each in data.glob("*/case.json"))
    if not found:
        raise InputError(f"there is no case (FOLDER/case.json) in {str(data)!r}")
    return found


def read_case(folder: Path) -> Case:
    """The case in a folder.

    Raises:
        InputError: a file is at fault.
    """
    from hwsim.workload.spiking.folder import network_folder
    from hwsim.workload.spiking.tables import read_network

    settings = network_folder(folder)
    if settings.arch is None:
        raise InputError("the key 'arch' is missing", Position(str(folder / "case.json")))
    result, perf = folder / "result.json", folder / "perf.csv"
    return Case(
        name=folder.resolve().name,
        arch=load_arch(str(folder.resolve().parent / "arch" / f"{settings.arch}.yaml")),
        network=read_network(settings.tables),
        result=parse_json(read_text(result), str(result)) if result.is_file() else {},
        steps=tuple(read_table(perf, ("timestep",))) if perf.is_file() else (),
    )


def _rows(case: Case) -> Iterator[Row]:
    totals, steps = _run(case)
    for metric, ours in totals.items():
        yield Row(case.name, metric, _reference(case.result, metric), ours, _tolerance(metric))
    references = {record.text_of("timestep"): record for record in case.steps}
    for number in range(case.network.timesteps):
        record = references.get(str(number + 1))
        for column, values in steps.items():
            reference = record.reference(column) if record else None
            tolerance = DETAILED_STEP if column == "sim_time" else _tolerance(column)
            yield Row(f"{case.name}/{number + 1}", column, reference, values[number], tolerance)


def _tolerance(metric: str) -> float:
    """Counts are exact; energies and times within theirs."""
    if metric in ("sim_time_s.detailed", "avg_power_W"):
        return DETAILED
    if "energy" in metric:
        return ENERGY
    return SIMPLE if metric.endswith("simple") else 0.0


def _run(case: Case) -> tuple[dict[str, Value], dict[str, list[Any]]]:
    """Our values: by metric of the totals, and by column of the steps."""
    from hwsim.energy.load import load_technology
    from hwsim.energy.spiking import energy_by_bucket
    from hwsim.engines.neuromorphic.chip import chip_of
    from hwsim.engines.neuromorphic.counts import counts_by_step
    from hwsim.engines.neuromorphic.placement import placed
    from hwsim.engines.neuromorphic.raster import raster_text
    from hwsim.engines.neuromorphic.run import run_network

    chip = chip_of(case.arch)
    run = run_network(chip, case.network, placed(chip, case.network))
    counts = counts_by_step(run)
    energy = energy_by_bucket(counts, case.arch, load_technology(case.arch.technology))
    network = energy["axon_in"] + energy["axon_out"] + energy["hop"]
    total = energy["synapse"] + energy["dendrite"] + energy["soma"] + network
    detailed, simple = run.record.detailed + run.barrier, run.record.simple + run.barrier
    fired, updated = run.begin[1:] - run.begin[:-1], run.record.updates.sum(axis=1)
    events, hops = counts.of("synapse"), counts.of("hop")
    steps = {
        "fired": fired,
        "updated": updated,
        "hops": hops,
        "spikes": events,
        "sim_time": detailed,
        "synapse_energy": energy["synapse"],
        "dendrite_energy": energy["dendrite"],
        "soma_energy": energy["soma"],
        "network_energy": network,
        "total_energy": total,
        "sim_time_simple": simple,
    }
    totals: dict[str, Value] = {
        "timesteps": run.steps,
        "neurons_fired": run.spikes,
        "neurons_updated": int(updated.sum()),
        "synaptic_events": int(events.sum()),
        "packets": int(counts.of("axon_out").sum()),
        "hops": int(hops.sum()),
        "energy_J.total": float(total.sum()),
        "energy_J.synapse": float(energy["synapse"].sum()),
        "energy_J.dendrite": float(energy["dendrite"].sum()),
        "energy_J.soma": float(energy["soma"].sum()),
        "energy_J.network": float(network.sum()),
        "avg_power_W": float(total.sum() / detailed.sum()),
        "raster_sha256": hashlib.sha256(raster_text(run, case.network).encode()).hexdigest(),
        "sim_time_s.detailed": float(detailed.sum()),
        "sim_time_s.simple": float(simple.sum()),
    }
    return totals, {name: values.tolist() for name, values in steps.items()}


def _reference(result: dict[str, Any], metric: str) -> Value:
    """The value at a dotted path; None where there is none."""
    value: Any = result
    for key in metric.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, bool | int | float | str) else None
