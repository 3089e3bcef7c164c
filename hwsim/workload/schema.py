"""What editors need to help with a workload file, and the file one begins with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Union

from pydantic import RootModel, create_model

from hwsim.spec.model import json_schema
from hwsim.spec.naming import named
from hwsim.workload.explicit import ExplicitWorkload
from hwsim.workload.families.registry import Family, FamilyWorkload, families
from hwsim.workload.kinds.base import OperatorSpec, operator_kinds

_STARTER = Path(__file__).with_name("starter.yaml")


def workload_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a workload file: a list of operators of any kind, or any family."""
    forms = (_explicit(), *(_family(family) for family in families().values()))
    # Made at run time of the kinds and families that were found, so there is no static type to write.
    whole: Any = RootModel[Union[forms]]  # type: ignore[valid-type]  # noqa: UP007
    schema = json_schema(whole)
    for cls in _operator_classes():
        kind = schema["$defs"][cls.__name__]["properties"]["kind"]
        schema["$defs"][cls.__name__]["properties"]["kind"] = {
            "description": kind.get("description", ""),
            "enum": list(cls.KINDS),
        }
    return schema | {"title": "Workload", "description": "What is computed."}


def starter(name: str) -> str:
    """The text of a commented workload file called ``name`` that loads as it is.

    Raises:
        InputError: ``name`` is not a letter followed by letters, digits, '_' and '-'.
    """
    return named(_STARTER.read_text(encoding="utf-8"), "workload", name)


def _explicit() -> Any:
    kinds: Any = list[Union[_operator_classes()]]  # type: ignore[misc]  # noqa: UP007
    return create_model(
        "ListedOperators", __base__=ExplicitWorkload, __doc__=ExplicitWorkload.__doc__, operators=(kinds, ...)
    )


def _family(family: Family) -> Any:
    name: Any = Literal[family.name]
    return create_model(
        f"Family_{family.name}",
        __base__=FamilyWorkload,
        __doc__=FamilyWorkload.__doc__,
        family=(name, ...),
        config=(family.config, ...),
        parameters=(family.parameters, family.parameters()),
    )


def _operator_classes() -> tuple[type[OperatorSpec], ...]:
    return tuple(dict.fromkeys(operator_kinds().values()))
