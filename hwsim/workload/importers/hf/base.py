"""What every translator of a Hugging Face configuration shares."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict

from hwsim.spec.errors import did_you_mean
from hwsim.spec.model import fault

ACTIVATIONS = {
    "gelu": "gelu",
    "gelu_python": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "quick_gelu": "gelu_quick",
    "relu": "relu",
    "silu": "silu",
    "swish": "silu",
    "tanh": "tanh",
}
"""Names of activations in configurations, and ours."""


def _activation(name: str) -> str:
    if name not in ACTIVATIONS:
        raise fault(f"unknown activation {name!r}", did_you_mean(name, ACTIVATIONS))
    return ACTIVATIONS[name]


ActivationName = Annotated[str, AfterValidator(_activation)]
"""The name of an activation in a configuration, read as ours."""


class HuggingFaceConfig(BaseModel):
    """The keys of a configuration that shape the graph; all others are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", populate_by_name=True)


@dataclass(frozen=True, slots=True)
class Translation:
    """A configuration in our terms."""

    family: str
    config: dict[str, Any]
    parameters: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Translator:
    """The keys of a model type, and what they mean."""

    config: type[HuggingFaceConfig]
    translate: Callable[[Any], Translation] = field(repr=False)


@cache
def translators() -> dict[str, Translator]:
    """The translator of every model type."""
    package = importlib.import_module("hwsim.workload.importers.hf")
    modules = [
        importlib.import_module(f"{package.__name__}.{m.name}")
        for m in pkgutil.iter_modules(package.__path__)
    ]
    return {kind: each for module in modules for kind, each in getattr(module, "TRANSLATORS", {}).items()}


def prompt(positions: int, usual: int = 2048) -> dict[str, Any]:
    """Parameters of a decoder with room for ``positions`` tokens."""
    return {"batch": 1, "sequence": min(positions, usual), "phase": "prefill"}


def text(positions: int) -> dict[str, Any]:
    """Parameters of an encoder with room for ``positions`` tokens."""
    return {"batch": 1, "sequence": min(positions, 512)}
