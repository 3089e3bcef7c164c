"""The array behind a memory port of limited bandwidth, word by word: the oracle of the stall model.

Tiles of A and B are copied word by word from outer memory into tile buffers, the register-transfer array
multiplies what is in a buffer once all of it has come, and results are copied back word by word. Buffers hold
NaN until their words arrive, so a schedule that computes too early shows in the product. Rules are those of
``hwsim.engines.pipeline``, but a port counts words: what a transfer leaves of a cycle's bandwidth goes to the
next transfer in the same cycle, where the stall model rounds every transfer up to whole cycles.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import ceil

import numpy as np

from hwsim.engines.systolic.folds import Dataflow, compute_cycles
from hwsim.engines.systolic.register_transfer import Fold, Matrix, folds_of
from hwsim.engines.tiles import Buffers, Segment


@dataclass(frozen=True, slots=True)
class FedRun:
    """The product, the cycles from the first word loaded to the last stored, and those with an idle array."""

    product: Matrix
    cycles: int
    stall_cycles: int


@dataclass(frozen=True, slots=True)
class Block:
    """The part of a product that one tile computes: ranges of M, N and K."""

    m: slice
    n: slice
    k: slice
    starts_sum: bool
    ends_sum: bool


@dataclass(slots=True)
class _Transfer:
    """Words on their way, in order, from one place to another."""

    source: Matrix
    target: Matrix
    moved: int = 0

    @property
    def done(self) -> bool:
        return self.moved == self.source.size

    def move(self, words: int) -> int:
        """Move up to ``words`` words; how many there were."""
        upto = min(self.source.size, self.moved + words)
        self.target.flat[self.moved : upto] = self.source.flat[self.moved : upto]
        moved, self.moved = upto - self.moved, upto
        return moved


@dataclass(slots=True)
class _Port:
    """Moves so many words a cycle, first come first served; bandwidth is not saved up while nothing waits."""

    words_per_cycle: Fraction
    queue: deque[_Transfer] = field(default_factory=deque)
    credit: Fraction = Fraction(0)

    def tick(self) -> None:
        if not self.queue:
            self.credit = Fraction(0)
            return
        self.credit += self.words_per_cycle
        while self.queue and self.credit >= 1:
            self.credit -= self.queue[0].move(int(self.credit))
            if self.queue[0].done:
                self.queue.popleft()


@dataclass(slots=True)
class _Tile:
    """A tile's operands in their buffer."""

    block: Block
    a: Matrix
    b: Matrix
    loads: tuple[_Transfer, _Transfer]


@dataclass(slots=True)
class _Machine:
    """Outer memory, ports, buffers and the array; ``tick`` is one cycle of all of them."""

    rows: int
    cols: int
    dataflow: Dataflow
    A: Matrix
    B: Matrix
    C: Matrix
    buffers: Buffers
    load_port: _Port
    store_port: _Port
    waiting: deque[Block]
    buffered: deque[_Tile] = field(default_factory=deque)
    folds: deque[Fold] = field(default_factory=deque)
    result: Matrix = field(default_factory=lambda: np.zeros((0, 0)))
    stores: list[_Transfer] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return not self.buffered and all(store.done for store in self.stores)

    def tick(self) -> bool:
        """Everything sees the state in which the cycle begins; whether the array was busy."""
        if not self.folds and self._may_start():
            self._start()
        self.load_port.tick()
        if self.store_port is not self.load_port:
            self.store_port.tick()
        if not self.folds:
            return False
        self.folds[0].tick()
        if self.folds[0].done:
            self.folds.popleft()
        if not self.folds:
            self._finish()
        return True

    def request(self) -> None:
        """Ask for the operands of the next tile, if there is one, into a free buffer."""
        if not self.waiting:
            return
        block = self.waiting.popleft()
        sources = self.A[block.m, block.k], self.B[block.k, block.n]
        a, b = (np.full(source.shape, np.nan) for source in sources)
        loads = _Transfer(sources[0], a), _Transfer(sources[1], b)
        self.load_port.queue.extend(loads)
        self.buffered.append(_Tile(block, a, b, loads))

    def _may_start(self) -> bool:
        if not self.buffered or not all(load.done for load in self.buffered[0].loads):
            return False
        leaving = sum(not store.done for store in self.stores)
        return leaving < self.buffers.store_slots or not self.buffered[0].block.starts_sum

    def _start(self) -> None:
        tile = self.buffered[0]
        if tile.block.starts_sum:
            self.result = np.zeros((tile.a.shape[0], tile.b.shape[1]))
        self.folds.extend(folds_of(self.rows, self.cols, self.dataflow, tile.a, tile.b, self.result))

    def _finish(self) -> None:
        """The tile is computed: its buffer takes the next load, its result leaves if it is complete."""
        block = self.buffered.popleft().block
        self.request()
        if block.ends_sum:
            store = _Transfer(self.result, self.C[block.m, block.n])
            self.store_port.queue.append(store)
            self.stores.append(store)


def simulate(
    rows: int,
    cols: int,
    dataflow: Dataflow,
    A: Matrix,
    B: Matrix,
    *,
    tile: tuple[int, int, int],
    buffers: Buffers,
    words_per_cycle: Fraction,
) -> FedRun:
    """Multiply A (M x K) by B (K x N) in tiles of (m, n, k), each port moving ``words_per_cycle``."""
    C = np.full((A.shape[0], B.shape[1]), np.nan)
    load_port = _Port(words_per_cycle)
    store_port = load_port if buffers.ports == "shared" else _Port(words_per_cycle)
    waiting = deque(blocks(A.shape[0], B.shape[1], A.shape[1], tile))
    machine = _Machine(rows, cols, dataflow, A, B, C, buffers, load_port, store_port, waiting)
    for _ in range(buffers.load_slots):
        machine.request()
    cycles = busy = 0
    while not machine.done:
        busy += machine.tick()
        cycles += 1
    return FedRun(C, cycles, cycles - busy)


def blocks(M: int, N: int, K: int, tile: tuple[int, int, int]) -> Iterator[Block]:
    """The tiles of a product in order, K innermost; the last of each axis may be smaller."""
    for m, n, k in product(_ranges(M, tile[0]), _ranges(N, tile[1]), _ranges(K, tile[2])):
        yield Block(m, n, k, starts_sum=k.start == 0, ends_sum=k.stop == K)


def _ranges(size: int, step: int) -> list[slice]:
    return [slice(start, min(start + step, size)) for start in range(0, size, step)]


def segments(
    rows: int, cols: int, dataflow: Dataflow, tiles: Iterable[Block], words_per_cycle: Fraction
) -> list[Segment]:
    """What the stall model is told about the same tiles: every transfer rounded up to whole cycles."""
    return [_segment(rows, cols, dataflow, block, words_per_cycle) for block in tiles]


def _segment(rows: int, cols: int, dataflow: Dataflow, block: Block, words_per_cycle: Fraction) -> Segment:
    m, n, k = (part.stop - part.start for part in (block.m, block.n, block.k))
    compute = compute_cycles(rows, cols, dataflow, m, n, k)
    store = ceil(m * n / words_per_cycle) if block.ends_sum else 0
    return Segment(ceil((m * k + k * n) / words_per_cycle), compute, store)
