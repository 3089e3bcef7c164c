"""ZigZag 3.9.1 on the same machines with the same mappings: port words, energy and latency.

Source: measured by hwsim's authors (``../shared/reference/mapper/README.md``). Its rules, as that file states
them: words of a port's width, partial sums of 16 bits, results of 8, the first addition reads its zero;
energy is words times prices; latency is ideal cycles and what cannot be hidden behind them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field

from hwsim.mapping.loopnest.actions import Action, Boundary, actions, boundaries
from hwsim.mapping.loopnest.cost import Bits, compute_steps
from hwsim.mapping.loopnest.machine import Machine
from hwsim.mapping.loopnest.machine_file import MachineSpec, machine
from hwsim.mapping.loopnest.nodes import Nest, Storage, Temporal
from hwsim.mapping.loopnest.problem import Problem, matmul
from hwsim.mapping.loopnest.reuse import elements, tile_at
from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError
from hwsim.spec.model import Spec, validate
from hwsim.validation.comparison import Comparison, Row, Value
from hwsim.validation.mappers.files import reference_files
from hwsim.validation.mappers.machines import machine_called, machine_names
from hwsim.validation.mappers.uneven import OPERANDS, Uneven, memories_of, nest_of, uneven_of

NAME = "zigzag"
SHIPPED = Path(__file__).parent.parent / "data" / "zigzag.json"
COMMON = "tpu_like_2MiB"
UNROLLED = {"D1": "N", "D2": "K"}
ENERGY_TOLERANCE = 1e-3
PICOJOULES = 1e12
DIRECTIONS = {
    "rd_out_to_low": ("read", "below"),
    "wr_in_by_low": ("write", "below"),
    "rd_out_to_high": ("read", "above"),
    "wr_in_by_high": ("write", "above"),
}
NOTES = (
    "judged: words of every port, energy, ideal cycles, drain and on-loading; the rest is reported, as it "
    "rests on ZigZag's stall model",
    "our latency: on-loading, ideal cycles and off-loading one after the other, or the busiest port if that "
    "takes longer; then the drain",
    "on-loading: the first tile of the largest operand through the outermost port; off-loading: the last "
    "tile of the result through every port on its way; ZigZag takes 2 cycles if the result fills the SRAM",
    "stalls: the outermost port's words beyond that; ZigZag's 1,308,735 cycles for g1024_64k are fewer than "
    "the 1,310,720 words that its one port of one word a cycle has to pass",
)


class Case(Spec):
    """One mapping of one product on one machine, and what is known of it."""

    model_config = ConfigDict(extra="ignore")

    case: str
    M: int = Field(ge=1)
    N: int = Field(ge=1)
    K: int = Field(ge=1)
    machine: str
    temporal_mapping_inner_to_outer: str
    energy: float | None = Field(default=None, alias="energy_pJ")
    mac_energy: float | None = Field(default=None, alias="mac_energy_pJ")
    memory_energy: dict[str, tuple[float, ...]] = Field(
        default_factory=dict, alias="memory_energy_pJ_per_operand_level"
    )
    latency_cycles: float | None = None
    ideal_cycles: float | None = None
    stall_cycles: float | None = None
    onloading_cycles: float | None = None
    offloading_cycles: float | None = None
    systolic_drain_cycles: float | None = None
    port_word_accesses: dict[str, tuple[dict[str, float], ...]] = Field(default_factory=dict)


class Precision(Spec):
    """Bits of an element."""

    W: int = 8
    I: int = 8
    O_partial: int = 16
    O_final: int = 8


class SramSize(Spec):
    """What the file's machines differ in."""

    model_config = ConfigDict(extra="ignore")

    sram_bits: int = Field(ge=1)


class CaseFile(Spec):
    """The file: other keys at the top are left alone."""

    model_config = ConfigDict(extra="ignore")

    precision_bits: Precision = Precision()
    machines: dict[str, SramSize] = Field(default_factory=dict)
    cases: tuple[Case, ...] = Field(min_length=1)

    def machine_of(self, case: Case) -> MachineSpec:
        """The machine of a case: where we have none of its name, the common one with the file's SRAM."""
        if case.machine not in self.machines or case.machine in machine_names():
            return machine_called(case.machine)
        common = machine_called(COMMON)
        sram = common.memories["sram"].model_copy(update={"capacity": self.machines[case.machine].sram_bits})
        return common.model_copy(update={"name": case.machine, "memories": {**common.memories, "sram": sram}})


def compare(data: Path | None = None) -> Comparison:
    """Evaluate the mapping of every case in the JSON file (or files) ``data``, or in that shipped.

    Raises:
        InputError: an unreadable file, a machine we do not describe, or a mapping that is none, placed.
    """
    rows = [row for path in reference_files(data, SHIPPED, NAME) for row in _file_rows(path)]
    return Comparison(NAME, tuple(rows), NOTES)


def _file_rows(path: Path) -> Iterator[Row]:
    document = load_document(path)
    file = validate(CaseFile, document)
    for number, case in enumerate(file.cases):
        try:
            yield from _rows(case, evaluate(case, file.machine_of(case), file.precision_bits))
        except InputError as error:
            raise error.at(document.position(("cases", number))) from error


@dataclass(frozen=True)
class Evaluated:
    """A case as we see it: the nest of every operand and what its memories do."""

    spec: MachineSpec
    machine: Machine
    problem: Problem
    bits: Bits
    nests: dict[str, Nest]
    actions: dict[str, list[Action]]


def evaluate(case: Case, spec: MachineSpec, precision: Precision) -> Evaluated:
    """Our actions for a case's mapping on the machine of ``spec``."""
    mapping = uneven_of(case.temporal_mapping_inner_to_outer)
    problem = matmul("gemm", {"M": case.M, "N": case.N, "K": case.K}, "I", "W", "O", "MNK")
    _refuse_uncovered(problem, mapping, spec)
    nests = {operand: nest_of(mapping, operand, spec, UNROLLED) for operand in OPERANDS}
    done = {operand: actions(_boundaries_of(operand, problem, nests[operand])) for operand in OPERANDS}
    bits = Bits({"I": precision.I, "W": precision.W, "O": precision.O_final}, precision.O_partial)
    return Evaluated(spec, machine(spec), problem, bits, nests, done)


def _boundaries_of(operand: str, problem: Problem, nest: Nest) -> list[Boundary]:
    """The operand's own boundaries; the nest stores no other."""
    stored = Problem(
        problem.name, problem.sizes, tuple(t for t in problem.tensors if t.name in (operand, "O"))
    )
    others = [Storage("", tensor.name) for tensor in stored.tensors if tensor.name != operand]
    return [each for each in boundaries(stored, (*others, *nest)) if each.tensor.name == operand]


def _refuse_uncovered(problem: Problem, mapping: Uneven, spec: MachineSpec) -> None:
    for rank, size in problem.sizes.items():
        covered = 1
        for looped, steps in mapping.loops:
            covered *= steps if looped == rank else 1
        for array, unrolled in UNROLLED.items():
            covered *= spec.arrays[array].width if unrolled == rank else 1
        if covered < size:
            raise InputError(f"the loops over {rank} cover {covered} of {size} elements")


def _rows(case: Case, ours: Evaluated) -> Iterator[Row]:
    macs = ours.problem.macs * ours.machine.compute.energy * PICOJOULES
    energies = {
        operand: [_energy(ours, operand, level) for level in _levels(ours, operand)] for operand in OPERANDS
    }
    total = macs + sum(energy for each in energies.values() for energy in each)
    yield Row(case.case, "energy_pJ", case.energy, total, ENERGY_TOLERANCE)
    yield Row(case.case, "mac_energy_pJ", case.mac_energy, macs, ENERGY_TOLERANCE)
    for operand in OPERANDS:
        known = case.memory_energy.get(operand, ())
        for level, energy in enumerate(energies[operand]):
            metric = f"memory_energy_pJ_per_operand_level.{operand}.{level}"
            yield Row(case.case, metric, _at(known, level), energy, ENERGY_TOLERANCE)
    for metric, value, tolerance in _cycles(ours):
        yield Row(case.case, metric, getattr(case, metric), value, tolerance)
    for operand in OPERANDS:
        words = case.port_word_accesses.get(operand, ())
        for level, name in enumerate(_levels(ours, operand)):
            known_words: dict[str, Any] = _at(words, level) or {}
            for direction in DIRECTIONS:
                metric = f"port_word_accesses.{operand}.{level}.{direction}"
                yield Row(
                    case.case, metric, known_words.get(direction), _words(ours, operand, name, direction)
                )


def _at(values: tuple[Any, ...], place: int) -> Any:
    return values[place] if place < len(values) else None


def _levels(ours: Evaluated, operand: str) -> list[str]:
    return memories_of(operand, ours.spec)


def _bits(ours: Evaluated, operand: str, memory: str, direction: str) -> int:
    kind, side = DIRECTIONS[direction]
    own = ours.machine.memory(memory)
    return sum(
        each.count * ours.bits.of(own, each)
        for each in ours.actions[operand]
        if (each.memory, each.kind, each.side) == (memory, kind, side) and (own.reads_zeros or not each.zeros)
    )


def _words(ours: Evaluated, operand: str, memory: str, direction: str) -> Value:
    """Words of the port's width, a broken number where the last is not full."""
    port = ours.spec.memories[memory]
    width = (port.read if DIRECTIONS[direction][0] == "read" else port.write).word
    words = _bits(ours, operand, memory, direction) / width
    return int(words) if words == int(words) else words


def _energy(ours: Evaluated, operand: str, memory: str) -> float:
    """Picojoules of one operand in one memory."""
    own = ours.machine.memory(memory)
    prices = {"read": own.read.energy_per_bit, "write": own.write.energy_per_bit}
    bits = {each: _bits(ours, operand, memory, each) for each in DIRECTIONS}
    return sum(count * prices[DIRECTIONS[each][0]] for each, count in bits.items()) * PICOJOULES


def _cycles(ours: Evaluated) -> list[tuple[str, int, float | None]]:
    """Latency and its parts in the order of the file, each with its tolerance."""
    ideal = compute_steps(ours.problem, ours.nests["O"])
    drain = sum(array.width - 1 for array in ours.spec.arrays.values() if array.systolic)
    onloading = max(_tile_cycles(ours, operand, 1) for operand in ("I", "W"))
    off = _offloading(ours)
    busy = _outermost_cycles(ours)
    latency = max(ideal + onloading + off, busy) + drain
    return [
        ("latency_cycles", latency, None),
        ("ideal_cycles", ideal, 0.0),
        ("stall_cycles", max(0, latency - ideal - onloading - off - drain), None),
        ("onloading_cycles", onloading, 0.0),
        ("offloading_cycles", off, None),
        ("systolic_drain_cycles", drain, 0.0),
    ]


def _tile_cycles(ours: Evaluated, operand: str, storage: int) -> int:
    """Cycles of the outermost port for the largest tile of an operand's storage (0: the outermost)."""
    nest = ours.nests[operand]
    places = [place for place, node in enumerate(nest) if isinstance(node, Storage)]
    together = tuple(node for node in nest[: places[storage]] if isinstance(node, Storage | Temporal))
    sizes = tile_at(ours.problem, together, len(together))
    width = next(iter(ours.spec.memories.values())).read.word
    return ceil(elements(ours.problem.tensor(operand), sizes) * ours.bits.elements[operand] / width)


def _offloading(ours: Evaluated) -> int:
    """Cycles for the last results: out of the registers, then the last tile to the outermost memory."""
    return 1 + _tile_cycles(ours, "O", 1)


def _outermost_cycles(ours: Evaluated) -> int:
    """Cycles that the outermost port is busy."""
    name, port = next(iter(ours.spec.memories.items()))
    bits = sum(_bits(ours, operand, name, each) for operand in OPERANDS for each in DIRECTIONS)
    return ceil(bits / port.read.word)
