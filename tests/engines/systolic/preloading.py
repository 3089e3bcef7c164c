"""An array with a waiting and a working register for the stationary operand, moved PE by PE, cycle by cycle.

Every register is an entry of a list; what a cycle writes is collected and latched at its end. Nothing here
knows how long a fold takes: streams are started as early as no PE meets a vector of the next fold before its
waiting register has what it needs, and the machine itself checks that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise


@dataclass
class Array:
    """``rows`` x ``cols`` PEs; registers by (r, c), None where nothing has come yet."""

    rows: int
    cols: int
    waiting: dict = field(default_factory=dict)
    working: dict = field(default_factory=dict)
    shifting: dict = field(default_factory=dict)
    right: dict = field(default_factory=dict)
    sums: dict = field(default_factory=dict)

    def cycle(self, left, top):
        """One cycle: ``left[r]`` is (fold, step, value) or None, ``top[c]`` (fold, value) or None.

        Returns what leaves at the bottom: (column, fold, step, sum).
        """
        now = Array(self.rows, self.cols, dict(self.waiting), dict(self.working))
        out = []
        for r in range(self.rows):
            for c in range(self.cols):
                token = self.right.get((r, c - 1)) if c else left[r]
                if token is not None:
                    out += self._compute(now, r, c, token)
                shifted = self.shifting.get((r - 1, c)) if r else top[c]
                if shifted is not None:
                    now.waiting[r, c] = shifted
                    if shifted[1] > r:  # it goes on until it is in its row
                        now.shifting[r, c] = shifted
        self.__dict__.update(now.__dict__)
        return out

    def _compute(self, now, r, c, token):
        fold, step, value = token
        if step == 0:
            now.working[r, c] = self.waiting[r, c]
        owner, row, weight = now.working[r, c]
        assert (owner, row) == (fold, r), "the waiting register does not hold what this fold needs"
        above = self.sums.get((r - 1, c))
        if r:
            assert above is not None and above[:2] == (fold, step), "partial sum out of step"
        total = value * weight + (above[2] if r else 0)
        now.right[r, c] = token
        now.sums[r, c] = (fold, step, total)
        return [(c, fold, step, total)] if r == self.rows - 1 else []


def run(rows, cols, blocks, streams):
    """Stream each of ``streams`` (T x rows) through the array holding its block (rows x cols), one after
    another: the products, and the cycle in which the last sum leaves, counted from 1.

    A block's shift into column c begins when the first vector of the block before it reaches that column.
    """
    array = Array(rows, cols)
    starts = [rows]
    for stream in streams[:-1]:
        starts.append(starts[-1] + max(len(stream), rows))
    loads = [0, *starts[:-1]]
    assert all(later - earlier >= rows for earlier, later in pairwise([0, *starts]))
    products = [[[None] * cols for _ in stream] for stream in streams]
    left_over, now, last = sum(len(stream) for stream in streams) * cols, 0, 0
    while left_over:
        left = [_vector_entry(starts, streams, r, now) for r in range(rows)]
        top = [_block_entry(loads, blocks, rows, c, now) for c in range(cols)]
        now += 1
        for c, fold, step, total in array.cycle(left, top):
            assert products[fold][step][c] is None
            products[fold][step][c] = total
            left_over, last = left_over - 1, now
        assert now < 10_000
    return products, last


def _vector_entry(starts, streams, r, now):
    for fold, (start, stream) in enumerate(zip(starts, streams, strict=True)):
        if 0 <= now - start - r < len(stream):
            step = now - start - r
            return fold, step, stream[step][r]
    return None


def _block_entry(loads, blocks, rows, c, now):
    """The last row enters first; a value goes on until it is in its row."""
    for fold in reversed(range(len(blocks))):
        place = now - loads[fold] - c
        if 0 <= place < rows:
            row = rows - 1 - place
            return fold, row, blocks[fold][row][c]
    return None
