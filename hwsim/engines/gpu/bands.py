"""Error bands of kernels: what out-of-sample errors of the measured kernels nearest in kind and size were."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hwsim.engines.gpu.calls import Call
from hwsim.engines.gpu.datasheet import Datasheet
from hwsim.spec.document import load_document
from hwsim.spec.model import Spec, validate

FILE = Path(__file__).parent / "error_bands.yaml"
"""Written by ``hwsim calibrate --bands``."""
EDGES = (1e-5, 1e-4, 1e-3)
"""Seconds that part the sizes of kernels."""
SIZES = ("under 10 us", "10-100 us", "0.1-1 ms", "over 1 ms")


class KernelBand(Spec):
    """Errors (fractions) of measured kernels of one family, datatype and size, fitted without them."""

    family: str
    """Of which models."""
    datatype: str
    """In which datatype."""
    size: str
    """How long the estimate is."""
    cases: int
    """How many."""
    median: float
    """Half of the errors are below, shapes left out of the fit."""
    ninth: float
    """Nine of ten errors are below, shapes left out of the fit."""
    ninth_unseen: float
    """Nine of ten errors are below, the GPU left out of the fit."""


class KernelBands(Spec):
    """All of them, and the boards the parameters were fitted on by family."""

    boards: dict[str, list[str]]
    """Boards with measurements, by family."""
    bands: list[KernelBand]
    """The errors."""


@cache
def shipped_bands() -> KernelBands:
    """The bands in the package."""
    return validate(KernelBands, load_document(FILE))


def size_of(seconds: float) -> str:
    """The class of sizes of an estimate."""
    return SIZES[sum(seconds >= edge for edge in EDGES)]


def measured_on(sheet: Datasheet, family: str) -> bool:
    """Whether kernels of a family were measured on the board, and fitted to."""
    return sheet.name in shipped_bands().boards.get(family, [])


def band_of(sheet: Datasheet, call: Call, seconds: float) -> str:
    """What is known of the error of an estimate, in a few words."""
    if sheet.architecture == "cpu":
        return "unvalidated: roofline and dispatch only"
    family = call.family.name
    near = [band for band in shipped_bands().bands if band.family == family]
    if not near:
        return f"unvalidated: no {family} measured"
    band = min(near, key=lambda each: _distance(each, call.datatype, size_of(seconds)))
    known = measured_on(sheet, family)
    error = band.ninth if known else band.ninth_unseen
    text = f"+-{100 * error:.2g} % in 9 of 10 ({band.cases} {family} kernels, {band.datatype}, {band.size})"
    unlike, apart = _distance(band, call.datatype, size_of(seconds))
    reasons = [] if known else [f"no {family} measured on {sheet.name}"]
    reasons += [f"none in {call.datatype}"] if unlike else []
    reasons += [f"none of {size_of(seconds)}"] if apart else []
    return f"{text}, extrapolated: {', '.join(reasons)}" if reasons else text


def _distance(band: KernelBand, datatype: str, size: str) -> tuple[int, int]:
    """How unlike a band is: another width of datatype first, then the classes of sizes between."""
    same = band.datatype == datatype or {band.datatype, datatype} == {"fp16", "bf16"}
    return (0 if same else 1, abs(SIZES.index(band.size) - SIZES.index(size)))
