"""The model families a YAML may name: modules of this package that define ``FAMILY``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import Field

from hwsim.spec.document import Document
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.model import Spec, validate
from hwsim.workload.graph import Graph
from hwsim.workload.workload import Workload


@dataclass(frozen=True, slots=True)
class Family:
    """A family of models: the keys of ``config:`` and ``parameters:``, and the builder of its graph."""

    name: str
    config: type[Spec]
    parameters: type[Spec]
    build: Callable[[Any, Any], Graph]


class FamilyWorkload(Spec):
    """The top of a workload's YAML file that names a family of models."""

    name: str
    """The workload's name."""
    family: str
    """The family whose builder makes its graph."""
    description: str = ""
    """What it is, in a sentence."""
    source: str | None = None
    """Where the configuration comes from."""
    notes: tuple[str, ...] = ()
    """Assumptions for the result to repeat."""
    config: dict[str, Any]
    """The model's shape."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """What it is run on: batch, sequence, phase ...; ``--set workload.batch=8`` changes them."""


@cache
def families() -> dict[str, Family]:
    """Every family by its name."""
    package = importlib.import_module("hwsim.workload.families")
    modules = [
        importlib.import_module(f"{package.__name__}.{m.name}")
        for m in pkgutil.iter_modules(package.__path__)
    ]
    found = [module.FAMILY for module in modules if hasattr(module, "FAMILY")]
    return {family.name: family for family in found}


def is_family(document: Document) -> bool:
    """Whether the document names a family rather than listing operators."""
    return isinstance(document.data, dict) and "family" in document.data


def parameter_names(document: Document) -> list[str]:
    """The parameters that the document's workload has."""
    if is_family(document):
        return list(_family(document).parameters.model_fields)
    given = document.data.get("parameters")
    return list(given) if isinstance(given, dict) else []


def config_names(document: Document) -> list[str]:
    """The keys that ``config:`` of the document's workload may have; none where it names no family."""
    return list(_family(document).config.model_fields) if is_family(document) else []


def build_family(document: Document) -> Workload:
    """The workload that names its family in ``document``.

    Raises:
        InputError: something is wrong, at its place in the document.
    """
    header = validate(FamilyWorkload, document)
    family = _family(document)
    config = validate(family.config, document, ("config",))
    parameters = family.parameters()
    if header.parameters:
        parameters = validate(family.parameters, document, ("parameters",))
    try:
        graph = family.build(config, parameters)
    except InputError as error:
        raise error.at(document.key_position(("config",))) from error
    given = parameters.model_dump().items()
    values = {name: str(list(value)) if isinstance(value, tuple) else value for name, value in given}
    return graph.finish(header.name, values, header.notes, document.content_hash)


def _family(document: Document) -> Family:
    name = document.data["family"]
    if not isinstance(name, str) or name not in families():
        where = document.position(("family",))
        raise InputError(f"no model family {name!r}", where, did_you_mean(str(name), families()))
    return families()[name]
