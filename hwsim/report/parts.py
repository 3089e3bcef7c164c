"""What every part of a result document is: strict, frozen, with numbers that make sense."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

_LEAST, _GREATEST = 1e-40, 1e40


def _plausible(value: float) -> float:
    """The value, unless it is negative, or sums and ratios of such values could overflow."""
    if value and not _LEAST <= value <= _GREATEST:
        raise ValueError(f"must be 0 or between {_LEAST:g} and {_GREATEST:g}")
    return value


Number = Annotated[float, AfterValidator(_plausible)]
Count = Number
Fraction = Number
Scalar = bool | int | float | str | None


class Part(BaseModel):
    """A part of the document; keys it does not know are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", allow_inf_nan=False)
