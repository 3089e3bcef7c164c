"""What it means to read a shipped YAML of each kind, far enough that nothing can break later."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from hwsim.arch.load import arch_of
from hwsim.einsum.answer import cascade_answer
from hwsim.einsum.read import cascade_in
from hwsim.energy.load import load_technology, technology_of
from hwsim.energy.technology import TableTechnology
from hwsim.engines.dram.device import device_of
from hwsim.engines.dram.standard import standard_of
from hwsim.engines.dram.timing import timing_of
from hwsim.explore.load import space_of
from hwsim.mapping.choices import MappingChoices
from hwsim.spec.document import Document
from hwsim.spec.library import Kind, names
from hwsim.spec.model import validate
from hwsim.workload.load import workload_of

_technology = cache(load_technology)


def read_arch(document: Document) -> None:
    """Load the machine and price every action, area and leakage."""
    arch = arch_of(document)
    technology = _technology(arch.technology)
    for component in arch.walk():
        component.attributes.action_energies(technology)
        component.attributes.area_price(technology)
        component.attributes.leakage_price(technology)


def read_technology(document: Document) -> None:
    """Load the table and ask it everything it knows."""
    technology = technology_of(document)
    table = technology.table
    for operation, datatype in table.units:
        technology.arithmetic(operation, datatype)
    for function in table.functions if table.units else ():
        for datatype in {datatype for _, datatype in table.units}:
            technology.arithmetic(function, datatype)
    for device in table.dram:
        technology.dram(device)
    if table.sram:
        _read_sram(technology)


def _read_sram(technology: TableTechnology) -> None:
    for capacity in (1, 1 << 13, 1 << 40):
        technology.sram("read", capacity, 64)
        technology.sram("write", capacity, 1)
        technology.sram_area(capacity, 8)
        technology.sram_leakage(capacity)


def read_workload(document: Document) -> None:
    """Build the workload's graph."""
    workload_of(document)


def read_mapping(document: Document) -> None:
    """Load the choices."""
    validate(MappingChoices, document)


def read_cascade(document: Document) -> None:
    """Load the cascade, count its passes and say why."""
    cascade_answer(cascade_in(document), {}, {}, None, "bf16")


def read_dram(document: Document) -> None:
    """Load the device and work its rules out in cycles."""
    timing_of(device_of(document))


READERS: dict[Kind, Callable[[Document], object]] = {
    "arch": read_arch,
    "technology": read_technology,
    "workload": read_workload,
    "mapping": read_mapping,
    "cascade": read_cascade,
    "dram": read_dram,
    "dram_standard": standard_of,
    "study": space_of,
}


def shipped() -> list[tuple[Kind, Path]]:
    """Every shipped YAML with its kind."""
    return [(kind, entry.path) for kind in READERS for entry in names(kind)]
