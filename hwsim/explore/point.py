"""One design: a machine, a workload, a mapping, and what is set differently in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

WORKLOAD = "workload."
PLACES = ("machine", "workload", "mapping")


@dataclass(frozen=True, slots=True)
class Point:
    """``position`` counts all combinations of a study from 0; ``settings`` are attributes and values."""

    position: int
    machine: str
    workload: str
    mapping: str
    fidelity: str
    settings: tuple[tuple[str, Any], ...]

    @property
    def values(self) -> dict[str, Any]:
        """Everything that is chosen, by name: what tables show in front of the metrics."""
        places = (self.machine, self.workload, self.mapping)
        return {**dict(zip(PLACES, places, strict=True)), **dict(self.settings)}

    @property
    def machine_overrides(self) -> tuple[str, ...]:
        """The settings of the machine as ``--set`` takes them."""
        return tuple(override(key, value) for key, value in self.settings if not key.startswith(WORKLOAD))

    @property
    def workload_overrides(self) -> tuple[str, ...]:
        """The settings of the workload as ``--set`` takes them, without ``workload.``."""
        return tuple(
            override(key.removeprefix(WORKLOAD), value)
            for key, value in self.settings
            if key.startswith(WORKLOAD)
        )


def override(key: str, value: Any) -> str:
    """``key=value`` with the value as YAML reads it back."""
    return f"{key}={json.dumps(value)}"
