"""AccelForge 1.0.467 on the same machines with the same mappings: actions, energy and latency.

Source: measured by hwsim's authors (``../shared/reference/mapper/README.md``). Its rules, as that file states
them: energy is actions times prices; an Einsum takes as long as its busiest component, Einsums follow one
another; operands of every multiplication are read from the innermost memory that keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ConfigDict, Field

from hwsim.mapping.loopnest.cost import Bits, Cost, cost
from hwsim.mapping.loopnest.machine_file import MachineSpec, machine
from hwsim.mapping.loopnest.nodes import Nest, faults
from hwsim.mapping.loopnest.problem import Problem
from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError
from hwsim.spec.model import Spec, validate
from hwsim.validation.comparison import Comparison, Row
from hwsim.validation.mappers.chain import Workload, workload_of
from hwsim.validation.mappers.files import reference_files
from hwsim.validation.mappers.looptree import nests_of
from hwsim.validation.mappers.machines import machine_called

NAME = "accelforge"
SHIPPED = Path(__file__).parent.parent / "data" / "accelforge.json"
ENERGY_TOLERANCE = 1e-3
SINGLE_PRECISION = 1e-6
"""AccelForge computes in single precision, which rounds its seconds and joules."""
NOTES = (
    "action counts of memories are bits; energy and latency of the reference are rounded to single precision",
    "latency: the busiest component of each Einsum, one Einsum after the other, no filling and no draining",
)
Table = dict[str, float]


class Case(Spec):
    """One mapping of one workload on one machine, and what is known of it."""

    model_config = ConfigDict(extra="ignore")

    case: str
    machine: str
    workload: str
    mapping_outer_to_inner: tuple[str, ...] = Field(min_length=1)
    energy: float | None = None
    latency_s: float | None = None
    energy_per_component: Table = Field(default_factory=dict)
    energy_per_component_tensor_action: Table = Field(default_factory=dict)
    latency_per_component_s: Table = Field(default_factory=dict)
    action_counts_component_tensor_action: Table = Field(default_factory=dict)


class CaseFile(Spec):
    """The file: other keys at the top are left alone."""

    model_config = ConfigDict(extra="ignore")

    cases: tuple[Case, ...] = Field(min_length=1)


def compare(data: Path | None = None) -> Comparison:
    """Evaluate the mapping of every case in the JSON file (or files) ``data``, or in that shipped.

    Raises:
        InputError: an unreadable file, a machine we do not describe, or a mapping that is none, placed.
    """
    rows = [row for file in reference_files(data, SHIPPED, NAME) for row in _file_rows(file)]
    return Comparison(NAME, tuple(rows), NOTES)


def _file_rows(file: Path) -> Iterator[Row]:
    document = load_document(file)
    cases = validate(CaseFile, document).cases
    for number, case in enumerate(cases):
        try:
            earlier = [each.workload for each in (*_shipped(), *cases[:number])]
            yield from _rows(case, evaluate(case, earlier))
        except InputError as error:
            raise error.at(document.position(("cases", number))) from error


@dataclass(frozen=True)
class Evaluated:
    """Costs of the Einsums of a case, and the machine they ran on."""

    machine: MachineSpec
    workload: Workload
    costs: tuple[Cost, ...]


def evaluate(case: Case, earlier: list[str]) -> Evaluated:
    """Our costs of a case's mapping; ``earlier`` texts are what its workload may refer to."""
    spec = machine_called(case.machine)
    workload = workload_of(case.workload, earlier)
    nests = nests_of(case.mapping_outer_to_inner, workload.einsums, spec)
    bits = Bits(workload.tensor_bits, workload.bits)
    costs = [_cost(einsum, nest, spec, bits) for einsum, nest in zip(workload.einsums, nests, strict=True)]
    return Evaluated(spec, workload, tuple(costs))


def _cost(einsum: Problem, nest: Nest, spec: MachineSpec, bits: Bits) -> Cost:
    wrong = faults(einsum, nest)
    if wrong:
        raise InputError(f"the mapping does not fit {einsum.name}: {wrong[0].message}", hint=wrong[0].hint)
    return cost(einsum, nest, machine(spec), bits)


def _shipped() -> tuple[Case, ...]:
    """The shipped cases: what "the same chain" of a file without it means."""
    return validate(CaseFile, load_document(SHIPPED)).cases


def _rows(case: Case, ours: Evaluated) -> Iterator[Row]:
    unit = ours.machine.energy_unit
    energies = {key: energy / unit for key, energy in _energies(ours).items()}
    components = _summed([each.energy_by_component for each in ours.costs])
    by_component = {key: energy / unit for key, energy in components.items()} | _idle(ours)
    yield Row(case.case, "energy", case.energy, sum(by_component.values()), ENERGY_TOLERANCE)
    latency = sum(each.latency_s for each in ours.costs)
    yield Row(case.case, "latency_s", case.latency_s, latency, SINGLE_PRECISION)
    tables = (
        ("energy_per_component", by_component, ENERGY_TOLERANCE),
        ("energy_per_component_tensor_action", energies, ENERGY_TOLERANCE),
        ("latency_per_component_s", _summed([e.latency_by_component for e in ours.costs]), SINGLE_PRECISION),
        ("action_counts_component_tensor_action", _counts(ours), 0.0),
    )
    for name, found, tolerance in tables:
        reference: Table = getattr(case, name)
        for key in dict.fromkeys((*reference, *found)):
            yield Row(case.case, f"{name}.{key}", reference.get(key), found.get(key, 0.0), tolerance)


def _counts(ours: Evaluated) -> Table:
    """Bits by component, tensor and direction, and multiply-accumulates."""
    found: Table = {}
    for each in ours.costs:
        for (memory, tensor, kind), bits in each.bits.items():
            key = f"{memory}/{tensor}/{kind}"
            found[key] = found.get(key, 0.0) + bits
    macs = sum(each.macs for each in ours.costs)
    return {**found, f"{ours.machine.compute.name}/None/compute": float(macs)}


def _energies(ours: Evaluated) -> Table:
    """Joules by component, tensor and direction; what costs nothing is left out, as AccelForge does."""
    described = machine(ours.machine)
    found: Table = {}
    for key, count in _counts(ours).items():
        component, _, kind = key.split("/")
        if kind == "compute":
            price = described.compute.energy
        else:
            port = getattr(described.memory(component), kind)
            price = port.energy_per_bit
        if price:
            found[key] = count * price
    return found


def _idle(ours: Evaluated) -> Table:
    return dict.fromkeys(ours.machine.idle, 0.0)


def _summed(tables: list[Mapping[str, float]]) -> Table:
    found: Table = {}
    for table in tables:
        for key, value in table.items():
            found[key] = found.get(key, 0.0) + value
    return found
