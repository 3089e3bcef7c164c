"""From technology YAML files to a :class:`TableTechnology`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from hwsim.arch.technology import Price
from hwsim.energy.curve import PowerLaw
from hwsim.energy.table import Composition, Factors, Sram, Table, Unit, interpolated, merged, scaled
from hwsim.energy.table_file import ArithmeticUnit, SramSection, TechnologyFile
from hwsim.energy.technology import TableTechnology
from hwsim.spec import nodes
from hwsim.spec.document import Document, load_document
from hwsim.spec.errors import InputError
from hwsim.spec.library import find
from hwsim.spec.model import validate


@lru_cache(maxsize=16)
def load_technology(name_or_path: str) -> TableTechnology:
    """The technology in a file or, by name, in ``arch_configs/technology/``; read once a process.

    Raises:
        InputError: a file is at fault, or a table builds on itself.
    """
    return TableTechnology(_load(name_or_path, ()))


def technology_of(document: Document) -> TableTechnology:
    """The technology a document describes.

    Raises:
        InputError: the document, or one it builds on, is at fault.
    """
    return TableTechnology(_table(document, ()))


def _load(name_or_path: str, within: tuple[Path, ...]) -> Table:
    path = find("technology", name_or_path)
    if path.resolve() in within:
        raise InputError(f"the table {name_or_path!r} builds on itself")
    return _table(load_document(path), (*within, path.resolve()))


def _table(document: Document, within: tuple[Path, ...]) -> Table:
    """The table of a document; ``within`` are the files whose tables wait for it."""
    file = validate(TechnologyFile, document)
    table = _Reader(document).own_sections(file)
    for index, name in enumerate(file.include):
        table = merged(table, _referred(name, document, ("include", index), within))
    if file.between:
        table = merged(table, _between(file, document, within))
    if file.scale:
        table = merged(table, _scaled(file, document, within))
    return table


def _referred(name: str, document: Document, path: nodes.Path, within: tuple[Path, ...]) -> Table:
    """The table that another names at ``path``."""
    try:
        return _load(name, within)
    except InputError as error:
        raise error.at(document.position(path)) from error


def _between(file: TechnologyFile, document: Document, within: tuple[Path, ...]) -> Table:
    if file.node is None:
        raise InputError("'between' needs the key 'node'", document.key_position(("between",)))
    first, second = (
        _referred(name, document, ("between", index), within) for index, name in enumerate(file.between or ())
    )
    try:
        return interpolated(first, second, file.node)
    except ValueError as error:
        raise InputError(f"'between' {error}", document.position(("between",))) from error


def _scaled(file: TechnologyFile, document: Document, within: tuple[Path, ...]) -> Table:
    scale = file.scale
    if scale is None:
        raise ValueError("the file has no 'scale'")
    table = _referred(scale.table, document, ("scale", "table"), within)
    why = _Reader(document).source(("scale", "energy"))
    return scaled(table, Factors(scale.energy, scale.area, scale.leakage, why))


class _Reader:
    """Joins the values of a file to their sources."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def source(self, path: nodes.Path) -> str:
        """The source of the value at ``path``, with the remark that stands beside it."""
        found = self.document.source_of(path)
        return str(found) if found else f"{self.document.file}, no source given"

    def price(self, value: float, *path: nodes.Step) -> Price:
        """The value at ``path`` with its source."""
        return Price(value, self.source(path))

    def own_sections(self, file: TechnologyFile) -> Table:
        """What the file itself says."""
        registers, network, logic, sram = file.registers, file.network, file.logic, file.sram
        return Table(
            name=file.name,
            node=file.node,
            units=self.units(file),
            accumulators=file.accumulators,
            functions=self.functions(file),
            register_energy=self.price(registers.energy, "registers", "energy") if registers else None,
            register_area=self.price(registers.area, "registers", "area") if registers else None,
            hop=self.price(network.hop, "network", "hop") if network else None,
            logic_leakage=self.price(logic.leakage, "logic", "leakage") if logic else None,
            sram=self.sram(sram) if sram else None,
            dram={device: self.price(value, "dram", device) for device, value in file.dram.items()},
        )

    def units(self, file: TechnologyFile) -> Mapping[tuple[str, str], Unit]:
        """The arithmetic units by operation and datatype."""
        return {
            (operation, datatype): self.unit(unit, ("arithmetic", operation, datatype))
            for operation, by_datatype in file.arithmetic.items()
            for datatype, unit in by_datatype.items()
        }

    def unit(self, unit: ArithmeticUnit, path: nodes.Path) -> Unit:
        """One arithmetic unit."""
        area = None if unit.area is None else self.price(unit.area, *path, "area")
        return Unit(self.price(unit.energy, *path, "energy"), area)

    def functions(self, file: TechnologyFile) -> Mapping[str, Composition]:
        """The composed functions."""
        return {
            name: Composition(
                tuple(function.operations.items()), self.source(("functions", name, "operations"))
            )
            for name, function in file.functions.items()
        }

    def sram(self, section: SramSection) -> Sram:
        """The SRAM model."""
        read = [(point.capacity, point.energy) for point in section.read]
        area = [(point.capacity, point.area) for point in section.area]
        leakage = [(point.capacity, point.leakage) for point in section.leakage]
        return Sram(
            width=section.width,
            width_exponent=section.width_exponent,
            write_over_read=Price(section.write_over_read, self.source(("sram", "write_over_read"))),
            read=self.power_law(read, ("sram", "read"), "energy"),
            area=self.power_law(area, ("sram", "area"), "area"),
            leakage=self.power_law(leakage, ("sram", "leakage"), "leakage"),
        )

    def power_law(self, points: Sequence[tuple[int, float]], path: nodes.Path, key: str) -> PowerLaw:
        """The curve through the points of a list; they must ascend in capacity and have values above zero."""
        for index, (capacity, value) in enumerate(points):
            if index and capacity <= points[index - 1][0]:
                where = self.document.position((*path, index, "capacity"))
                raise InputError("the capacities must ascend", where)
            if value <= 0:
                raise InputError(f"{key} must be greater than 0", self.document.position((*path, index, key)))
        prices = (
            (float(capacity), Price(value, self.source((*path, index, key))))
            for index, (capacity, value) in enumerate(points)
        )
        return PowerLaw(tuple(prices))
