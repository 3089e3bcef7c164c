"""What editors need to help with a mapping file, and the file one begins with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwsim.mapping.choices import MappingChoices
from hwsim.spec.model import json_schema
from hwsim.spec.naming import named

_STARTER = Path(__file__).with_name("starter.yaml")


def mapping_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a mapping file."""
    return json_schema(MappingChoices)


def starter(name: str) -> str:
    """The text of a commented mapping file called ``name`` that loads as it is.

    Raises:
        InputError: ``name`` is not a letter followed by letters, digits, '_' and '-'.
    """
    return named(_STARTER.read_text(encoding="utf-8"), "mapping", name)
