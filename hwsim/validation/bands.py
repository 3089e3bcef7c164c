"""From comparisons to the error bands that stand beside every estimate."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from hwsim.energy.bands import BandFile, ErrorBand, Range
from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError
from hwsim.spec.files import write_atomically
from hwsim.spec.model import validate
from hwsim.validation.comparison import Comparison, Coverage

ROUNDING_DIGITS = 12
"""What is left of an error of the floating-point arithmetic itself: nothing."""

_HEAD = "# Written by: hwsim validate [NAME] [--data PATH] --bands FILE\n"


def bands_of(comparison: Comparison) -> tuple[ErrorBand, ...]:
    """The bands that follow from a comparison.

    Raises:
        InputError: an error is not finite, since its reference is zero.
    """
    return tuple(_band(comparison, coverage) for coverage in comparison.coverage)


def write_bands(path: Path, comparisons: Iterable[Comparison]) -> None:
    """Write the bands of ``comparisons`` to ``path``; those of other component classes stay as they are.

    Raises:
        InputError: the file is there and holds no bands, or cannot be written.
    """
    import yaml

    before = validate(BandFile, load_document(path)).bands if path.exists() else []
    bands = {band.component_class: band for band in before}
    bands.update((band.component_class, band) for each in comparisons for band in bands_of(each))
    content = {"bands": [bands[name].model_dump(exclude_defaults=True) for name in sorted(bands)]}
    text = yaml.safe_dump(content, sort_keys=False, default_flow_style=None, width=110)
    write_atomically(path, _HEAD + text)


def _band(comparison: Comparison, coverage: Coverage) -> ErrorBand:
    rows = [
        row
        for row in comparison.rows
        if row.metric == coverage.metric and row.error is not None and coverage.is_about(row.case)
    ]
    endless = next((row for row in rows if not math.isfinite(row.error or 0.0)), None)
    if endless is not None:
        message = f"{comparison.name}: {endless.case} has {endless.metric} 0 in the reference"
        raise InputError(message, hint="a relative error needs a reference other than 0")
    return ErrorBand(
        component_class=coverage.component_class,
        quantity=coverage.quantity,
        reference=coverage.reference,
        cases=len(rows),
        max_error=round(max((abs(row.error or 0.0) for row in rows), default=0.0), ROUNDING_DIGITS),
        covered={name: Range(least=least, most=most) for name, (least, most) in coverage.covered.items()},
        machines=list(coverage.machines),
    )
