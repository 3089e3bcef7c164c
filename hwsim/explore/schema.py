"""What editors need to help with a study's file, and the file one begins with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwsim.explore.study import StudyFile
from hwsim.spec.model import json_schema
from hwsim.spec.naming import named

_STARTER = Path(__file__).with_name("starter.yaml")


def study_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a study's file."""
    return json_schema(StudyFile)


def starter(name: str) -> str:
    """The text of a commented study called ``name`` that loads as it is.

    Raises:
        InputError: ``name`` is not a letter followed by letters, digits, '_' and '-'.
    """
    return named(_STARTER.read_text(encoding="utf-8"), "study", name)
