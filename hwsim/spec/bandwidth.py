"""A bandwidth as its maker states it: bytes per second, or bytes per cycle of whatever clock drives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from hwsim.spec import units
from hwsim.spec.amount import parse_quantity
from hwsim.spec.errors import InputError
from hwsim.spec.fields import Range, amount_schema, as_field_error
from hwsim.spec.printing import exact_text

PER_SECOND = Range("1 B/s", "1e18 B/s", units.BYTES_PER_SECOND)
PER_CYCLE = Range("1e-9 B/cycle", "1e9 B/cycle", units.BYTES_PER_CYCLE)
"""Limits of the models: what a bandwidth may be."""


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Exactly one of the two is given; a field of this type reads "34 GB/s" or "64 B/cycle"."""

    bytes_per_second: float | None = None
    bytes_per_cycle: float | None = None

    def __post_init__(self) -> None:
        given = [each for each in (self.bytes_per_second, self.bytes_per_cycle) if each is not None]
        if len(given) != 1 or given[0] <= 0:
            raise ValueError("a bandwidth is either bytes per second or bytes per cycle, and above zero")

    def at(self, clock_hz: float) -> float:
        """Bytes per cycle of a clock of ``clock_hz`` hertz."""
        if self.bytes_per_second is not None:
            return self.bytes_per_second / clock_hz
        return self.bytes_per_cycle or 0.0

    def per_second(self, clock_hz: float) -> float:
        """Bytes per second where the clock runs at ``clock_hz`` hertz."""
        if self.bytes_per_cycle is not None:
            return self.bytes_per_cycle * clock_hz
        return self.bytes_per_second or 0.0

    def __str__(self) -> str:
        if self.bytes_per_second is not None:
            return exact_text(self.bytes_per_second, units.BYTES_PER_SECOND)
        return exact_text(self.bytes_per_cycle or 0.0, units.BYTES_PER_CYCLE)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _field, serialization=core_schema.plain_serializer_function_ser_schema(str, when_used="json")
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return amount_schema(units.BYTES_PER_SECOND, units.BYTES_PER_CYCLE)


def parse_bandwidth(text: object) -> Bandwidth:
    """The bandwidth in "34 GB/s" or "64 B/cycle".

    Raises:
        InputError: no bandwidth, or none within the limits.
    """
    per_cycle = isinstance(text, str) and text.replace(" ", "").endswith("/cycle")
    limits = PER_CYCLE if per_cycle else PER_SECOND
    amount = parse_quantity(text, limits.dimension)
    wrong = limits(amount)
    if wrong:
        raise InputError(f"{wrong}, got {text!r}")
    return Bandwidth(bytes_per_cycle=amount) if per_cycle else Bandwidth(bytes_per_second=amount)


def _field(value: object) -> Bandwidth:
    if isinstance(value, Bandwidth):
        return value
    try:
        return parse_bandwidth(value)
    except InputError as error:
        raise as_field_error(error) from error
