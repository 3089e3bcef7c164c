"""What a PIM program computes: rows of real numbers in banks, column steps and read-outs one by one.

Apart from all timing: a check that layout and program together do the attention they are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.pim.layout import Layout
from hwsim.engines.pim.program import Instruction

Floats = NDArray[np.float64]


def stored(layout: Layout, keys: Floats, values: Floats) -> Floats:
    """Rows [row, bank, element] with one request's ``keys`` and ``values`` [token, head, width] as the layout
    has them; row 0 is where its keys begin.
    """
    geometry, tokens = layout.geometry, len(keys)
    memory = np.zeros((layout.rows(tokens), geometry.banks, geometry.row))
    tiles, head = -(-tokens // geometry.banks), 0
    for chunk, heads in enumerate(layout.key_chunks):
        flat = padded(layout, keys[:, head : head + heads])
        for token in range(tokens):
            row = chunk * tiles + token // geometry.banks
            memory[row, token % geometry.banks, : flat.shape[1]] = flat[token]
        head += heads
    chunks = -(-tokens // geometry.row)
    for head in range(values.shape[1]):
        for element in range(values.shape[2]):
            for chunk in range(chunks):
                part = values[chunk * geometry.row : (chunk + 1) * geometry.row, head, element]
                first = layout.key_rows(tokens) + (head * chunks + chunk) * layout.value_tiles
                memory[first + element // geometry.banks, element % geometry.banks, : len(part)] = part
    return memory


def padded(layout: Layout, heads: Floats) -> Floats:
    """Vectors [..., head, width] of the heads that share a row, one after the other in whole column steps."""
    wide = np.zeros((*heads.shape[:-1], layout.head_elements))
    wide[..., : heads.shape[-1]] = heads
    return wide.reshape(*heads.shape[:-2], -1)


def read_outs(
    layout: Layout, program: Sequence[Instruction], memory: Floats, vectors: Iterator[Floats]
) -> Iterator[Floats]:
    """The sums of all banks at each read-out of a program.

    A load takes the next of ``vectors`` into the buffer. Columns of a tile's row come one after another; each
    step multiplies as many elements of every bank with those of the buffer.
    """
    step, first = layout.geometry.step, min(each.row for each in program) + 1
    buffer, column = np.zeros(layout.geometry.row), 0
    sums = np.zeros(layout.geometry.banks)
    for each in program:
        if each.kind == "load":
            buffer = np.zeros(layout.geometry.row)
            vector = next(vectors)
            buffer[: len(vector)] = vector
        elif each.kind == "announce":
            column = 0
        if each.kind in ("compute", "composite"):
            row = memory[each.row - first]
            for _ in range(each.comps):
                part = slice(column * step, (column + 1) * step)
                sums = sums + row[:, part] @ buffer[part]
                column += 1
        if each.kind in ("read_out", "composite"):
            yield sums
            sums = np.zeros(layout.geometry.banks)
