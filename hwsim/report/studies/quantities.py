"""Metrics and settings as a person reads them: by the unit in their name."""

from __future__ import annotations

import math
from typing import Any

from hwsim.report import units

_UNITS: dict[str, str] = {
    "_macs_per_s": "MAC/s",
    "_bytes_per_s": "B/s",
    "_js": "J s",
    "_bytes": "B",
    "_s": "s",
    "_j": "J",
    "_w": "W",
}
_WORDS = {
    "latency_s": "latency",
    "energy_j": "energy",
    "area_mm2": "area",
    "power_w": "power",
    "edp_js": "energy x delay",
    "dram_bytes": "DRAM traffic",
    "utilization": "utilization",
    "lower_bound_latency_s": "lower bound of the latency",
}


def unit_of(name: str) -> str:
    """The unit that the name of a metric ends in, '' where it has none."""
    if name.endswith("_mm2"):
        return "mm²"
    return next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "")


def shown(name: str, value: Any) -> str:
    """``value`` of the metric or setting ``name``."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    unit = unit_of(name)
    if unit in ("", "mm²"):
        return f"{value:.4g} {unit}".strip()
    return units.scaled(value, unit)


def spoken(name: str) -> str:
    """The name of a metric in words."""
    return _WORDS.get(name, name.replace("_", " "))
