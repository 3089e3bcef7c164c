"""The fitted parameters of the kernel models: values, what they mean, and what fitted them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import Field

from hwsim.spec.document import load_document
from hwsim.spec.model import Spec, validate

FILE = Path(__file__).parent / "parameters.yaml"
"""Written by ``hwsim calibrate``."""

Parameters = Mapping[str, float]
"""The values of one family by name."""


class Parameter(Spec):
    """One physical parameter, positive."""

    value: float = Field(gt=0)
    """What the models use."""
    prior: float = Field(gt=0)
    """What it would be taken for without data."""
    spread: float = Field(ge=0)
    """How far, as a factor's logarithm, the data may well move it from the prior; 0: held fast."""
    unit: str
    """Unit of the value; 1 for ratios."""
    meaning: str
    """What it stands for."""
    source: str
    """Where the prior comes from."""


class Fitted(Spec):
    """What the values were fitted on, and how."""

    command: str
    """The command that wrote this file."""
    date: str
    """When, as YYYY-MM-DD."""
    rows: dict[str, int]
    """Measured kernels used, by family."""
    data: dict[str, str]
    """SHA-256 of each table used, by file name."""


class ParameterFile(Spec):
    """All parameters of all families."""

    fitted: Fitted
    """What fitted the values."""
    families: dict[str, dict[str, Parameter]]
    """The parameters by family and name."""


@cache
def shipped() -> ParameterFile:
    """The parameters in the package."""
    return read(FILE)


def read(path: Path) -> ParameterFile:
    """The parameters in the file at ``path``.

    Raises:
        InputError: it holds none.
    """
    return validate(ParameterFile, load_document(path))


@cache
def shipped_values(family: str) -> Parameters:
    """The values of ``family`` in the package."""
    return {name: parameter.value for name, parameter in shipped().families[family].items()}
