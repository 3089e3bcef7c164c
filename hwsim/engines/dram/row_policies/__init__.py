"""Row policies: what becomes of a row after a column command. One small module each, found by name."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache

from hwsim.engines.dram.standard import Does
from hwsim.spec.errors import InputError, did_you_mean


@dataclass(frozen=True, slots=True)
class RowPolicy:
    """What the column commands of a controller do."""

    says: str
    read: Does
    write: Does


@cache
def row_policies() -> dict[str, RowPolicy]:
    """Every row policy by its name."""
    return {
        module.name: importlib.import_module(f"{__name__}.{module.name}").POLICY
        for module in pkgutil.iter_modules(__path__)
    }


def row_policy_called(name: str) -> RowPolicy:
    """The row policy called ``name``.

    Raises:
        InputError: there is none.
    """
    if name not in row_policies():
        raise InputError(f"there is no row policy {name!r}", hint=did_you_mean(name, row_policies()))
    return row_policies()[name]
