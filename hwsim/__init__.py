"""hwsim: latency, energy, area and utilisation of a machine on a workload, with bounds, error bands and
sources.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "simulate": "hwsim.pipeline",
    "load_arch": "hwsim.pipeline",
    "load_workload": "hwsim.pipeline",
    "load_mapping": "hwsim.pipeline",
    "Result": "hwsim.pipeline",
    "sweep": "hwsim.explore.run_study",
    "open_results": "hwsim.explore.results",
}

__all__ = [
    "Result",
    "__version__",
    "load_arch",
    "load_mapping",
    "load_workload",
    "open_results",
    "simulate",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used, so that ``import hwsim`` costs nothing."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'hwsim' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)
