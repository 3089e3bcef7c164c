"""The machines of mapper references, by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hwsim.mapping.loopnest.machine_file import MachineSpec, load_machine
from hwsim.spec.errors import InputError, did_you_mean

FOLDER = Path(__file__).parent.parent / "machines"


@cache
def machine_names() -> dict[str, Path]:
    """The file of every machine."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}


@cache
def machine_called(name: str) -> MachineSpec:
    """The machine ``name``.

    Raises:
        InputError: there is none.
    """
    known = machine_names()
    if name not in known:
        raise InputError(
            f"there is no machine {name!r} among the references'", hint=did_you_mean(name, known)
        )
    return load_machine(known[name])
