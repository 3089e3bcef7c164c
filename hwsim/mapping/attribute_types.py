"""Types of attributes that several classes of engines have, with their checks."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from hwsim.arch.component import CyclesPerElement
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.model import fault
from hwsim.workload.layers.work import FUNCTIONS
from hwsim.workload.tensor import bits_of


def _known_datatype(value: str) -> str:
    try:
        bits_of(value)
    except InputError as error:
        raise fault(error.message, error.hint) from error
    return value


def _known_functions(value: dict[str, float]) -> dict[str, float]:
    for function in value:
        if function not in FUNCTIONS:
            raise fault(f"no function {function!r}", did_you_mean(function, FUNCTIONS), (function,))
    return value


Datatype = Annotated[str, AfterValidator(_known_datatype)]
"""The name of a datatype: int8, bf16 and so on."""
FunctionCycles = Annotated[dict[str, CyclesPerElement], AfterValidator(_known_functions)]
"""Cycles that one element takes, by scalar function."""
