"""A sentence on why an estimate is off, from what the kernel does on the machine."""

from __future__ import annotations

from hwsim.engines.gpu.bounds import roofline
from hwsim.engines.gpu.calls import Call, columns
from hwsim.engines.gpu.datasheet import Datasheet

SHORT = 15e-6
"""Seconds below which starting a kernel is much of its time."""
NEAR = (0.2, 3.0)
"""Bytes over the last cache's size between which it depends on history what the cache holds."""
DISPATCH = 100e-6
"""Seconds beyond which the dispatch by the host is no longer much of a measurement."""
FEW = 0.5
"""Waves of 128 x 128 tiles below which a product leaves SMs idle."""
TILE = 128.0


def why(call: Call, sheet: Datasheet, measured: float, estimated: float) -> str:
    """What is most likely behind the difference of two times (seconds) of a call."""
    kernels = columns([call], [sheet])
    work = call.family.work(kernels)
    least = float(roofline(kernels, work)[0])
    side = "too long" if estimated > measured else "too short"
    if measured < least:
        return f"{side}: below the roofline ({least * 1e6:.3g} us): its data was in the cache, or it is wrong"
    return f"{side}: {_cause(call, sheet, float(work.bytes[0]), measured)}"


def _cause(call: Call, sheet: Datasheet, moved: float, measured: float) -> str:
    few = call.operator == "gemm" and _waves(call, sheet) < FEW
    causes = (
        (call.host and measured < DISPATCH, "the dispatch by the host is part of the measurement"),
        (
            NEAR[0] < moved / sheet.l2 < NEAR[1],
            f"its {moved / 2**20:.3g} MiB are near the size of the last cache: what ran before matters",
        ),
        (measured < SHORT, "so short that starting the kernel is most of it, and libraries differ in that"),
        (few, "too few tiles for the SMs: the library's choice of tile and split decides"),
        (
            sheet.architecture == "cpu",
            "CPUs have a roofline of assumed figures only: give the machine those of your CPU",
        ),
        (call.operator == "attention_decode", "libraries differ in how they split a sequence over the SMs"),
        (call.operator == "moe", "routing is drawn at random: a few experts more or less, and their tiles"),
    )
    return next((text for holds, text in causes if holds), "no single cause is known")


def _waves(call: Call, sheet: Datasheet) -> float:
    tiles = -(-call.sizes["m"] // TILE) * -(-call.sizes["n"] // TILE) * call.sizes["batch"]
    return float(tiles / sheet.sms)
