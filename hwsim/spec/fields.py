"""How a model field reads an amount with a unit, and how its errors travel through pydantic."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from hwsim.spec.amount import NUMBER, parse_quantity
from hwsim.spec.errors import InputError
from hwsim.spec.nodes import Path
from hwsim.spec.printing import exact_text
from hwsim.spec.units import Dimension, unit_parts

FIELD_ERROR = "hwsim"
Check = Callable[[float], str | None]


def positive(value: float) -> str | None:
    """What is wrong with ``value`` where it must be above zero."""
    return None if value > 0 else "must be greater than 0"


def non_negative(value: float) -> str | None:
    """What is wrong with ``value`` where it must not be below zero."""
    return None if value >= 0 else "must not be negative"


@dataclass(frozen=True, slots=True)
class Range:
    """A limit of the models: an amount is from ``least`` to ``most`` (texts with a unit of ``dimension``)."""

    least: str
    most: str
    dimension: Dimension

    def __call__(self, value: float) -> str | None:
        """What is wrong with ``value``, in the base unit, where it is outside."""
        if value <= 0:
            return positive(value)
        if value < parse_quantity(self.least, self.dimension):
            return f"must be at least {self.least}"
        return f"must be at most {self.most}" if value > parse_quantity(self.most, self.dimension) else None


@dataclass(frozen=True, slots=True)
class ZeroOr:
    """Zero, or what ``limits`` allow."""

    limits: Range

    def __call__(self, value: float) -> str | None:
        """What is wrong with ``value``, in the base unit."""
        return self.limits(value) if value > 0 else non_negative(value)


@dataclass(frozen=True, slots=True)
class Quantity:
    """How a field reads an amount: with which function, which dimension, and which amounts are refused."""

    read: Callable[[object, Dimension], float]
    dimension: Dimension
    check: Check

    def validate(self, text: object) -> float:
        """The amount in ``text``, or the error pydantic collects."""
        try:
            value = self.read(text, self.dimension)
        except InputError as error:
            raise as_field_error(error) from error
        wrong = self.check(value)
        if wrong:
            raise as_field_error(InputError(f"{wrong}, got {text!r}"))
        return value

    def write(self, value: float) -> str:
        """The text in a JSON file."""
        return exact_text(value, self.dimension)

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.validate,
            serialization=core_schema.plain_serializer_function_ser_schema(self.write, when_used="json"),
        )

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return amount_schema(self.dimension)


def fault(message: str, hint: str | None = None, at: Path = ()) -> PydanticCustomError:
    """An error for a model's validator to raise; ``at`` leads from the validated value to what is wrong."""
    # The message goes in as context: braces in the text of a template would be read as fields.
    return PydanticCustomError(FIELD_ERROR, "{message}", {"message": message, "hint": hint, "at": at})


def as_field_error(error: InputError) -> PydanticCustomError:
    """``error`` in the form that pydantic collects."""
    return fault(error.message, error.hint)


def amount_schema(*dimensions: Dimension) -> dict[str, Any]:
    """The JSON Schema of a text with a number and a unit of one of ``dimensions``."""
    units = "|".join(_unit_pattern(dimension) for dimension in dimensions)
    return {
        "type": "string",
        "pattern": rf"^\s*{NUMBER}\s*(?:{units})\s*$",
        "description": f"{dimensions[0].with_article}, a number with its unit",
        "examples": list(dimensions[0].examples),
    }


def _unit_pattern(dimension: Dimension) -> str:
    parts = ("|".join(re.escape(unit) for unit in units) for units in unit_parts(dimension))
    return r"\s*/\s*".join(f"(?:{part})" for part in parts)
