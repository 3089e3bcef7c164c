"""One call of a kernel, and many of them priced on a machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hwsim.arch.machine import Arch
from hwsim.engines.gpu.bounds import least_seconds, roofline
from hwsim.engines.gpu.datasheet import Datasheet
from hwsim.engines.gpu.devices import Array, Devices
from hwsim.engines.gpu.families import BY_OPERATOR, Family
from hwsim.engines.gpu.kernels import Kernels
from hwsim.engines.gpu.processor import datasheet_of, processor_of
from hwsim.spec.errors import InputError


@dataclass(frozen=True, slots=True)
class Call:
    """An operator and its dimensions: numbers in ``sizes``, names in ``words``; else as in ``Kernels``."""

    operator: str
    datatype: str
    sizes: Mapping[str, float]
    words: Mapping[str, str] = field(default_factory=dict)
    host: bool = False
    cold: bool = True
    fresh: bool = False
    eager: bool = False
    exposed: bool = False
    software: str = ""

    @property
    def family(self) -> Family:
        """The family that models it."""
        return BY_OPERATOR[self.operator]

    @property
    def dimensions(self) -> str:
        """``m=64 n=4096 ...``, in the order of the tables."""
        values = {name: f"{size:.12g}" for name, size in self.sizes.items()} | dict(self.words)
        return " ".join(f"{name}={values[name]}" for name in self.family.dimensions)


@dataclass(frozen=True, slots=True)
class Priced:
    """Seconds of each call: estimated, by the roofline alone, and the least that physics allows."""

    estimated: Array
    roofline: Array
    least: Array


def by_family(calls: Sequence[Call]) -> dict[str, list[int]]:
    """Where the calls of each family are."""
    found: dict[str, list[int]] = {}
    for place, call in enumerate(calls):
        found.setdefault(call.family.name, []).append(place)
    return found


def columns(calls: Sequence[Call], sheets: Sequence[Datasheet]) -> Kernels:
    """Calls of one family as columns; ``sheets[i]`` is of the processor that call ``i`` runs on."""
    family = calls[0].family
    distinct = list({sheet.name: sheet for sheet in sheets}.values())
    place = {sheet.name: index for index, sheet in enumerate(distinct)}
    index = np.array([place[sheet.name] for sheet in sheets], dtype=np.intp)
    counts = [name for name in family.dimensions if name not in family.words]
    return Kernels(
        devices=Devices.of(distinct, index),
        operators=np.array([call.operator for call in calls]),
        datatypes=np.array([call.datatype for call in calls]),
        sizes={name: np.array([call.sizes[name] for call in calls], dtype=float) for name in counts},
        words={name: np.array([call.words[name] for call in calls]) for name in family.words},
        host=np.array([call.host for call in calls]),
        cold=np.array([call.cold for call in calls]),
        fresh=np.array([call.fresh for call in calls]),
        eager=np.array([call.eager for call in calls]),
        exposed=np.array([call.exposed for call in calls]),
        software=np.array([call.software for call in calls]),
    )


def price_calls(arch: Arch, calls: Sequence[Call]) -> Priced:
    """Seconds of each call on a machine.

    Raises:
        InputError: the machine runs no kernels, or lacks the datatype of one.
    """
    _, processor = processor_of(arch)
    sheet = datasheet_of(arch)
    found = Priced(*(np.zeros(len(calls)) for _ in range(3)))
    for places in by_family(calls).values():
        chosen = [calls[place] for place in places]
        _check_datatypes(chosen, sheet)
        family, kernels = chosen[0].family, columns(chosen, [sheet] * len(chosen))
        work = family.work(kernels)
        found.estimated[places] = processor.seconds(family, kernels)
        found.roofline[places] = roofline(kernels, work)
        found.least[places] = least_seconds(kernels, work)
    return found


def _check_datatypes(calls: Sequence[Call], sheet: Datasheet) -> None:
    """Refuse a datatype that the processor lacks; collectives move any."""
    for call in calls:
        if call.datatype not in sheet.peaks and call.family.name != "collective":
            known = ", ".join(sheet.peaks)
            raise InputError(f"{sheet.name} has no {call.datatype} ({call.operator})", hint=f"it has {known}")
