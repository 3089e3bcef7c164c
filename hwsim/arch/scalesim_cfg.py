"""SCALE-Sim's configuration file (``.cfg``, versions 1 to 3) as a machine in our own YAML.

What it describes: one systolic array, and for each operand an SRAM of its own, half of which is filled while
the other half is read, between the array and a memory of unlimited size. Its words are bytes here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwsim.spec.ini import Entry, IniFile, read_ini

SUFFIX = ".cfg"
DATAFLOWS = {"os": "output_stationary", "ws": "weight_stationary", "is": "input_stationary"}

_ARRAY = "architecture_presets"
_OPERANDS = ("Ifmap", "Filter", "Ofmap")
KEYS = {
    "general": ("run_name",),
    _ARRAY: (
        *("ArrayHeight", "ArrayWidth", "Dataflow", "Bandwidth", "MemoryBanks"),
        *("ReadRequestBuffer", "WriteRequestBuffer"),
        *(f"{operand}{key}" for operand in _OPERANDS for key in ("SramSzkB", "SramSz", "Offset")),
    ),
    "layout": tuple(
        f"{operand}{key}"
        for operand in _OPERANDS
        for key in ("CustomLayout", "SRAMBankBandwidth", "SRAMBankNum", "SRAMBankPort")
    ),
    "sparsity": (
        *("SparsitySupport", "SparseRep", "NonZeroElems", "OptimizedMapping", "BlockSize"),
        "RandomNumberGeneratorSeed",
    ),
    "network_presets": ("TopologyCsvLoc",),
    "run_presets": ("InterfaceBandwidth", "UseRamulatorTrace"),
}
"""The keys that versions 1 to 3 of SCALE-Sim read, by section; most do not change this model."""
_WORD = {"value": "1 B", "source": "SCALE-Sim counts words; a word is taken for a byte"}
_NOTHING_IN_SCALESIM = "SCALE-Sim has none: chosen by hwsim"


def machine_text(path: Path) -> str:
    """The machine that the configuration file at ``path`` describes, as a machine file of our own.

    With ``InterfaceBandwidth`` CALC the outer memory never limits; with USER it moves ``Bandwidth`` bytes a
    cycle, shared by all operands, where SCALE-Sim gives each operand an interface of its own.

    Raises:
        InputError: the file cannot be read, a key is missing or has a value of no meaning, or it asks for
            sparsity, which changes what is computed and is not modelled here.
    """
    import yaml

    ini = read_ini(path)
    ini.refuse_unknown(KEYS)
    _refuse_sparsity(ini)
    name = ini.find("general", "run_name")
    tree: dict[str, Any] = {"array": _array(ini)}
    for operand, role in (("Ofmap", "output"), ("Filter", "weight"), ("Ifmap", "input")):
        tree = {f"{operand.lower()}_sram": _sram(ini, operand, role, tree)}
    machine = {
        "name": name.value.strip("\"'") if name and name.value.strip("\"'") else path.stem,
        "description": f"SCALE-Sim configuration {path.name}; custom layouts and banks are not modelled.",
        "source": path.name,
        "clock": {"value": "1 GHz", "source": f"{_NOTHING_IN_SCALESIM} to express cycles in seconds"},
        "technology": {"value": "cmos_45nm", "source": f"{_NOTHING_IN_SCALESIM} to price energy and area"},
        "components": {"dram": _dram(ini, tree)},
    }
    return str(yaml.safe_dump(machine, sort_keys=False, width=110))


def _refuse_sparsity(ini: IniFile) -> None:
    sparse = ini.find("sparsity", "SparsitySupport")
    if sparse and sparse.one_of("true", "false") == "true":
        raise sparse.wrong("sparse operands are not modelled", "set it to false for the dense run")


def _array(ini: IniFile) -> dict[str, Any]:
    dataflow = ini.get(_ARRAY, "Dataflow")
    rows, columns = ini.get(_ARRAY, "ArrayHeight"), ini.get(_ARRAY, "ArrayWidth")
    return {
        "class": "systolic_array",
        "rows": _sourced(rows, rows.count()),
        "columns": _sourced(columns, columns.count()),
        "dataflow": _sourced(dataflow, DATAFLOWS[dataflow.one_of(*DATAFLOWS)]),
        "datatype": {"value": "int8", "source": _WORD["source"]},
        "accumulator": {"value": "int8", "source": _WORD["source"] + ", partial sums too"},
    }


def _sram(ini: IniFile, operand: str, role: str, below: dict[str, Any]) -> dict[str, Any]:
    size = ini.find(_ARRAY, f"{operand}SramSz") or ini.get(_ARRAY, f"{operand}SramSzkB")
    return {
        "class": "sram",
        "capacity": _sourced(size, f"{size.count()} KiB"),
        "width": _WORD,
        "holds": [role],
        "components": below,
    }


def _dram(ini: IniFile, below: dict[str, Any]) -> dict[str, Any]:
    mode = ini.find("run_presets", "InterfaceBandwidth")
    limited = mode is not None and mode.one_of("CALC", "USER") == "USER"
    given = ini.get(_ARRAY, "Bandwidth") if limited else ini.find(_ARRAY, "Bandwidth")
    bandwidth = _bandwidth(given) if given else None
    return {
        "class": "dram",
        "device": {"value": "ddr4", "source": f"{_NOTHING_IN_SCALESIM} to price energy"},
        **({"bandwidth": bandwidth} if limited else {}),
        "efficiency": {"value": 1.0, "source": "SCALE-Sim takes the bandwidth as it is"},
        "width": _WORD,
        "components": below,
    }


def _bandwidth(entry: Entry) -> dict[str, Any]:
    """The first of the comma-separated bandwidths: the only one that SCALE-Sim uses."""
    first = Entry(entry.key, entry.value.partition(",")[0].strip(), entry.position)
    return _sourced(first, f"{first.count()} B/cycle")


def _sourced(entry: Entry, value: int | str) -> dict[str, Any]:
    return {"value": value, "source": f"{Path(entry.position.file).name}:{entry.position.line}, {entry.key}"}
