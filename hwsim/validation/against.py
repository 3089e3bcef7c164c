"""Measurements against a machine's estimates: errors by operator, worst rows and why, rows beyond physics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hwsim.arch.machine import Arch
from hwsim.engines.gpu.bands import measured_on
from hwsim.engines.gpu.calls import Call, Priced, columns, price_calls
from hwsim.engines.gpu.datasheet import Datasheet
from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.processor import datasheet_of, processor_of
from hwsim.spec.errors import InputError
from hwsim.validation.gpu.audit import ALLOWED
from hwsim.validation.gpu.why import why
from hwsim.validation.measurements import Measurement, Measurements

MOST_WORST = 20


@dataclass(frozen=True, slots=True)
class Against:
    """The answer of ``hwsim compare``. Errors are fractions: 0.1 is ten percent."""

    arch: Arch
    measurements: Measurements
    priced: Priced
    measured: Array

    @property
    def errors(self) -> Array:
        """(estimated - measured) / measured of each row."""
        return np.asarray(self.priced.estimated / self.measured - 1.0)

    def rows(self) -> list[dict[str, Any]]:
        """Every measurement, in the order of the file."""
        calls = [each.call for each in self.measurements.measured]
        return [
            {
                "op": call.operator,
                "dims": call.dimensions,
                "dtype": call.datatype,
                "measured_s": float(self.measured[place]),
                "estimated_s": float(self.priced.estimated[place]),
                "roofline_s": float(self.priced.roofline[place]),
                "error": float(self.errors[place]),
                "ape": float(abs(self.errors[place])),
            }
            for place, call in enumerate(calls)
        ]

    def by_op(self) -> list[dict[str, Any]]:
        """Errors of each operator."""
        names = [each.call.operator for each in self.measurements.measured]
        return [
            self._line(name, [p for p, each in enumerate(names) if each == name])
            for name in dict.fromkeys(names)
        ]

    def _line(self, name: str, places: list[int]) -> dict[str, Any]:
        errors = self.errors[places]
        apart = np.abs(errors)
        roofline = np.abs(self.priced.roofline[places] / self.measured[places] - 1.0)
        return {
            "op": name,
            "n": len(places),
            "mape": float(apart.mean()),
            "median_ape": float(np.median(apart)),
            "p90_ape": float(np.quantile(apart, 0.9)),
            "bias": float(errors.mean()),
            "roofline_mape": float(roofline.mean()),
        }

    def audit(self) -> list[dict[str, Any]]:
        """Rows that are faster than physics allows on the machine."""
        found = []
        for place, row in enumerate(self.rows()):
            least = float(self.priced.least[place])
            if least > ALLOWED * row["measured_s"]:
                ratio = least / row["measured_s"]
                reason = f"{ratio:.2f} x faster than the machine can move its bytes and do its operations"
                keys = ("op", "dims", "dtype", "measured_s")
                found.append(
                    {**{key: row[key] for key in keys}, "least_s": least, "ratio": ratio, "reason": reason}
                )
        return found

    def worst(self) -> list[dict[str, Any]]:
        """The rows that are furthest off, each with what may be why."""
        rows = self.rows()
        sheet = datasheet_of(self.arch)
        order = sorted(range(len(rows)), key=lambda place: -rows[place]["ape"])[:MOST_WORST]
        return [{**rows[place], "why": self._why(place, sheet)} for place in order]

    def _why(self, place: int, sheet: Datasheet) -> str:
        call = self.measurements.measured[place].call
        return why(call, sheet, float(self.measured[place]), float(self.priced.estimated[place]))

    def notes(self) -> list[str]:
        """What to know before reading the errors."""
        _, processor = processor_of(self.arch)
        boards = [each.board for each in self.measurements.measured]
        others = sorted({board for board in boards if board not in ("", self.arch.name, *processor.boards)})
        count = sum(board in others for board in boards)
        elsewhere = [f"{count} rows were measured on another machine: {', '.join(others)}"] if others else []
        return elsewhere + self._extrapolated()

    def _extrapolated(self) -> list[str]:
        """Kinds of kernels to which nothing was fitted on this machine."""
        sheet = datasheet_of(self.arch)
        families = list(dict.fromkeys(each.call.family.name for each in self.measurements.measured))
        unseen = [name for name in families if not measured_on(sheet, name)]
        if sheet.architecture == "cpu" or not unseen:
            return []
        return [f"extrapolated: none of {', '.join(unseen)} was fitted on {sheet.name}"]

    def as_json(self) -> dict[str, Any]:
        """The answer as the contract has it."""
        unmatched = [
            {"kernel": each.kernel, "n": each.count, "total_s": each.seconds, "reason": each.reason}
            for each in self.measurements.rest
        ]
        mape = float(np.abs(self.errors).mean()) if len(self.measured) else None
        return {
            "arch": self.arch.name,
            "form": self.measurements.form,
            "notes": self.notes(),
            "mape": mape,
            "by_op": self.by_op(),
            "rows": self.rows(),
            "worst": self.worst(),
            "audit": self.audit(),
            "unmatched": unmatched,
        }


def against(arch: Arch, measurements: Measurements) -> Against:
    """Compare.

    Raises:
        InputError: the machine runs no kernels, lacks a datatype, or is too small for a shape.
    """
    calls = [each.call for each in measurements.measured]
    sheet = datasheet_of(arch)
    for each in measurements.measured:
        _check(each, sheet)
    priced = price_calls(arch, calls)
    return Against(arch, measurements, priced, np.array([each.seconds for each in measurements.measured]))


def _check(each: Measurement, sheet: Datasheet) -> None:
    """Refuse what cannot run on the processor."""
    try:
        check_call(each.call, sheet)
    except InputError as error:
        raise error.at(each.position) if each.position else error from error


def check_call(call: Call, sheet: Datasheet) -> None:
    """Refuse a datatype the processor lacks, and data its memory cannot hold.

    Raises:
        InputError: either.
    """
    if call.datatype not in sheet.peaks and call.family.name != "collective":
        known = ", ".join(sheet.peaks)
        raise InputError(f"{sheet.name} has no {call.datatype} ({call.operator})", hint=f"it has {known}")
    needed = float(call.family.work(columns([call], [sheet])).bytes[0])
    if needed > sheet.capacity:
        message = f"{call.operator} {call.dimensions} needs {needed / 1e9:.4g} GB, {sheet.name} has"
        raise InputError(f"{message} {sheet.capacity / 1e9:.4g} GB")
