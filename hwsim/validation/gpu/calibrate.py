"""Fitting all parameters to tables of measured kernels; writing them down with what they were fitted on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim.engines.gpu.calls import by_family
from hwsim.engines.gpu.families import FAMILIES
from hwsim.engines.gpu.parameters import Fitted, Parameter, ParameterFile, shipped
from hwsim.spec.files import read_bytes, write_atomically
from hwsim.validation.gpu.cross import fitted
from hwsim.validation.gpu.table import Measured, read_measured

ITERATIONS = 60
HEAD = "# Written by hwsim calibrate. A value is fitted from its prior; one with spread 0 is held fast.\n"


@dataclass(frozen=True, slots=True)
class Calibration:
    """The new parameters, and for each family the mean error (percent) before and after."""

    parameters: ParameterFile
    errors: tuple[dict[str, Any], ...]


def calibrate(data: Path, date: str) -> Calibration:
    """Fit every family that has rows in the CSV, or in the folder, at ``data``; others keep their values.

    Raises:
        InputError: the data is at fault.
    """
    rows = read_measured(data)
    usable = [row for row in rows if row.seconds is not None]
    places = by_family([row.call for row in usable])
    before = shipped()
    families, errors = dict(before.families), []
    for family in FAMILIES:
        chosen = [usable[place] for place in places.get(family.name, [])]
        if chosen and not family.borrows:
            values = fitted(chosen, ITERATIONS)
            old = {name: each.value for name, each in before.families[family.name].items()}
            errors.append({"family": family.name, "n": len(chosen), **_errors(chosen, old, values)})
            families[family.name] = _with_values(before.families[family.name], values)
    counts = {name: len(found) for name, found in places.items()}
    made = Fitted(command=f"hwsim calibrate --data {data}", date=date, rows=counts, data=hashes(data))
    return Calibration(ParameterFile(fitted=made, families=families), tuple(errors))


def write(path: Path, parameters: ParameterFile) -> None:
    """Write parameters as YAML, each of its texts in full.

    Raises:
        InputError: the file cannot be written.
    """
    import yaml

    text = yaml.safe_dump(parameters.model_dump(), sort_keys=False, width=110, default_flow_style=None)
    write_atomically(path, HEAD + text)


def hashes(data: Path) -> dict[str, str]:
    """SHA-256 of each table, by file name."""
    files = sorted(data.glob("*.csv")) if data.is_dir() else [data]
    return {file.name: hashlib.sha256(read_bytes(file)).hexdigest() for file in files}


def _errors(rows: list[Measured], old: Mapping[str, float], new: Mapping[str, float]) -> dict[str, float]:
    import numpy as np

    from hwsim.validation.gpu.columns import kernels_of

    kernels, seconds = kernels_of(rows), np.array([row.seconds for row in rows], dtype=float)
    family = rows[0].family

    def mape(values: Mapping[str, float]) -> float:
        return round(float(100.0 * np.abs(family.launched(kernels, values) / seconds - 1.0).mean()), 2)

    return {"mape_before": mape(old), "mape_after": mape(new)}


def _with_values(parameters: Mapping[str, Parameter], values: Mapping[str, float]) -> dict[str, Parameter]:
    return {
        name: each.model_copy(update={"value": float(f"{values[name]:.6g}")})
        for name, each in parameters.items()
    }
