"""Technology tables: what there is to say about one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hwsim.arch.technology import Price
from hwsim.descriptions.kind import Kind
from hwsim.descriptions.sheet import Sheet, Table
from hwsim.energy import table_file
from hwsim.energy.load import technology_of
from hwsim.energy.table import Table as Prices
from hwsim.spec.document import load_document
from hwsim.spec.library import find
from hwsim.spec.model import json_schema
from hwsim.spec.naming import named

_STARTER = Path(table_file.__file__).with_name("starter.yaml")
_SHOWN_CAPACITIES = tuple(1024 * 8**power for power in range(6))
_SQUARE_MM = 1e-6


def describe(name_or_path: str) -> Sheet:
    """The technology table in a file or the library, with all it takes from others.

    Raises:
        InputError: it, or a table it builds on, is at fault, with its position.
    """
    document = load_document(Path(find("technology", name_or_path)))
    table = technology_of(document).table
    return Sheet(
        kind="technology",
        name=table.name,
        description=document.data.get("description", ""),
        file=document.file,
        content_hash=document.content_hash,
        facts={"node_m": table.node},
        tables=(
            Table("arithmetic", tuple(_arithmetic(table))),
            Table("functions", tuple(_functions(table))),
            Table("sram", tuple(_sram(table))),
            Table("dram", tuple(_per_bit(device, price) for device, price in sorted(table.dram.items()))),
            Table("other", tuple(_other(table))),
        ),
    )


def _arithmetic(table: Prices) -> Iterator[dict[str, Any]]:
    for (operation, datatype), unit in sorted(table.units.items()):
        yield {
            "operation": operation,
            "datatype": datatype,
            "energy_j": unit.energy.value,
            "area_mm2": unit.area.value / _SQUARE_MM if unit.area else None,
            "source": unit.energy.source,
        }


def _functions(table: Prices) -> Iterator[dict[str, Any]]:
    for name, function in sorted(table.functions.items()):
        yield {"function": name, "operations": dict(function.operations), "source": function.source}


def _sram(table: Prices) -> Iterator[dict[str, Any]]:
    """The curves at a few capacities, for the width that the table's energies hold for."""
    sram = table.sram
    if sram is None:
        return
    for capacity in _SHOWN_CAPACITIES:
        read, area, leakage = (curve.at(capacity) for curve in (sram.read, sram.area, sram.leakage))
        yield {
            "capacity_bytes": capacity,
            "width_bytes": sram.width,
            "read_j": read.value,
            "write_j": read.value * sram.write_over_read.value,
            "area_mm2": area.value / _SQUARE_MM,
            "leakage_w": leakage.value,
            "source": read.source + (" (extrapolated)" if read.extrapolated else ""),
        }


def _per_bit(device: str, price: Price) -> dict[str, Any]:
    return {"device": device, "energy_j_per_bit": price.value, "source": price.source}


def _other(table: Prices) -> Iterator[dict[str, Any]]:
    known = {
        "register energy, J/bit": table.register_energy,
        "register area, m^2/bit": table.register_area,
        "network hop, J/bit": table.hop,
        "logic leakage, W/m^2": table.logic_leakage,
    }
    for what, price in known.items():
        if price:
            yield {"what": what, "value": price.value, "source": price.source}


KIND = Kind(
    name="technology",
    says="energies, areas and leakages, each with its source",
    read=describe,
    keys=lambda: frozenset(table_file.TechnologyFile.model_fields),
    shelf="technology",
    schema=lambda: json_schema(table_file.TechnologyFile),
    starter=lambda name: named(_STARTER.read_text(encoding="utf-8"), "technology", name),
)
