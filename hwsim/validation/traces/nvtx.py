"""Operators by PyTorch's NVTX ranges: ``aten::mm, seq = 3, sizes = [[64, 512], [512, 128]]``."""

from __future__ import annotations

import re

from hwsim.validation.traces.event import Shape

OPERATOR = re.compile(r"\b(aten::\w+)")
SIZES = re.compile(r"sizes = (\[.*\])")
SHAPE = re.compile(r"\[([0-9, ]*)\]")


def operator_of(text: str) -> tuple[str, tuple[Shape, ...]]:
    """The operator in a range's text and the shapes behind it; "" and none where there are none."""
    named, sizes = OPERATOR.search(text), SIZES.search(text)
    shapes = tuple(_shape(each) for each in SHAPE.findall(sizes[1])) if sizes else ()
    return (named[1] if named else ""), shapes


def _shape(text: str) -> Shape:
    return tuple(int(size) for size in text.replace(",", " ").split())
