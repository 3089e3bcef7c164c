"""The GPUs of the library by the names that tables of measurements call them."""

from __future__ import annotations

from functools import cache

from hwsim.arch.load import load_arch
from hwsim.engines.gpu.datasheet import Datasheet
from hwsim.engines.gpu.processor import datasheet_of, processor_of
from hwsim.spec.library import names

SHELF = "gpu"
"""Folder of the machine library."""


@cache
def datasheets() -> dict[str, Datasheet]:
    """Every GPU of the library, under each of its names."""
    found: dict[str, Datasheet] = {}
    for entry in names("arch"):
        if entry.folder == SHELF:
            arch = load_arch(str(entry.path))
            _, gpu = processor_of(arch)
            found.update(dict.fromkeys((*gpu.boards, entry.name), datasheet_of(arch)))
    return found
