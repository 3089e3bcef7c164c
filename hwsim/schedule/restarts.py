"""Canonical packing under many priorities, learning from failures which buffers to place early.

A packing is usually near the surface for some priority, and a bad early choice cannot be mended by
patience. So short jumping searches come in chains: a chain starts from one order of the buffers (a fixed
one, later with noise), and after each failure moves those forward that found no room (squeaky wheel
optimisation). Between chains, patient searches that do not jump decide small questions and prove that no
packing exists; so may another solver meanwhile. Searches run in pairs side by side; their schedule is fixed,
and of two successes the first in it counts, so answers are the same on every machine that is fast enough.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from itertools import chain, count, cycle

import numpy as np

from hwsim.schedule.buffers import Buffer
from hwsim.schedule.disproof import Disproof
from hwsim.schedule.question import Question, Run
from hwsim.schedule.skyline import FEASIBLE, UNDECIDED, Floats, Ints

# Chosen by how often they solved MiniMalloc's benchmark; benchmarks/allocation.py shows how others fare.
# Nodes: placing n buffers takes n of them, so searches grow with the question.
_SHORT_NODES, _SHORT_PER_BUFFER = 1_000, 3
_PATIENT_FACTOR = 4
_CHAIN = 60
_LEARNING = 4.0
_MEMORY = (0.95, 0.8)
_NOISE = (0.02, 0.1, 0.25)
_SEED = 20240427
# Between two looks at the clock and at the other solver.
_GLANCE_S = 0.1
_THREADS = 2


def seconds_to_load() -> float:
    """What loading the compiled search took just now, or compiling it; nothing after the first time."""
    started = time.monotonic()
    _load()
    return time.monotonic() - started


@cache
def _load() -> None:
    """Place a buffer alone."""
    question = Question.of((Buffer("alone", 0, 1, 1),), 1)
    question.pack(np.zeros(1, np.int64), np.ones(1, np.int64), jumping=True)


def packed(buffers: tuple[Buffer, ...], capacity: int, deadline: float) -> tuple[bool, dict[str, int] | None]:
    """Whether the question was decided before ``deadline``, and the offsets by id if a packing exists.

    Time for loading code comes on top.
    """
    deadline += seconds_to_load()
    question = Question.of(buffers, capacity)
    with ThreadPoolExecutor(_THREADS) as pool, Disproof(buffers, capacity, deadline) as disproof:
        decision = _decision(_Bench(question, pool, disproof, deadline))
    if decision is None:
        return False, None
    if decision.outcome != FEASIBLE:
        return True, None
    ids = (buffer.id for buffer in buffers)
    return True, dict(zip(ids, (decision.offsets * question.unit).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One search: buffers in order of priority, the nodes it may visit, and whether it jumps."""

    priority: Ints
    nodes: int
    jumping: bool


@dataclass(frozen=True, slots=True)
class _Bench:
    """Where searches run side by side until the deadline."""

    question: Question
    pool: ThreadPoolExecutor
    disproof: Disproof
    deadline: float

    @property
    def over(self) -> bool:
        """Whether time has ended, or there is a proof that nothing can be found."""
        return time.monotonic() >= self.deadline or self.disproof.succeeded

    def runs(self, attempts: list[_Attempt]) -> list[Run]:
        """Search; at the deadline, or when interrupted, the budgets are taken away."""
        budgets = [np.array([attempt.nodes], np.int64) for attempt in attempts]
        futures = [
            self.pool.submit(self.question.pack, attempt.priority, budget, attempt.jumping)
            for attempt, budget in zip(attempts, budgets, strict=True)
        ]
        try:
            while wait(futures, timeout=_GLANCE_S).not_done and not self.over:
                pass
        finally:
            for budget in budgets:
                budget[0] = 0
        return [future.result() for future in futures]


def _decision(bench: _Bench) -> Run | None:
    """The first search of the schedule that decides the question; None when time ends before."""
    chains = _chains(bench.question)
    orders = cycle(bench.question.orders())
    for number in count(1):
        nodes = _PATIENT_FACTOR * _short(bench.question) * (number & -number)
        decided = _patiently(bench, [_Attempt(next(orders), nodes, False) for _ in range(_THREADS)])
        if decided is None:
            decided = _learning(bench, [next(chains) for _ in range(_THREADS)])
        if decided is None and bench.disproof.succeeded:
            return bench.question.impossible
        if decided is not None or bench.over:
            return decided
    return None


def _short(question: Question) -> int:
    return max(_SHORT_NODES, _SHORT_PER_BUFFER * len(question.size))


def _patiently(bench: _Bench, attempts: list[_Attempt]) -> Run | None:
    """The first of these searches that ends with a packing or a proof."""
    return next((run for run in bench.runs(attempts) if run.outcome != UNDECIDED), None)


def _learning(bench: _Bench, chains: list[_Chain]) -> Run | None:
    """The first packing that the chains come upon, side by side."""
    for _ in range(_CHAIN):
        if bench.over:
            break
        for link, run in zip(chains, bench.runs([link.attempt() for link in chains]), strict=True):
            if run.outcome == FEASIBLE:
                return run
            link.learn(run)
    return None


@dataclass(slots=True)
class _Chain:
    """A score by buffer, the share of old trouble that is kept, and the trouble each has met."""

    score: Floats
    memory: float
    nodes: int
    trouble: Floats

    def attempt(self) -> _Attempt:
        """A short search in the order of score and trouble."""
        lessons = _LEARNING * _standardised(np.log1p(self.trouble))
        return _Attempt(np.argsort(-(self.score + lessons), kind="stable"), self.nodes, True)

    def learn(self, run: Run) -> None:
        """Add the trouble of a failure, and forget some of what was before."""
        shares = run.trouble / max(float(run.trouble.sum()), 1e-9)
        self.trouble = self.memory * (self.trouble + shares * len(shares))


def _chains(question: Question) -> Iterator[_Chain]:
    """Endless: each fixed order as it is, then again and again with noise."""
    random = np.random.default_rng(_SEED)
    memory = cycle(_MEMORY)
    for noise in chain((0.0,), cycle(_NOISE)):
        for order in question.orders():
            score = np.empty(len(order))
            score[order] = -np.arange(len(order))
            score = _standardised(score) + noise * random.standard_normal(len(order))
            yield _Chain(score, next(memory), _short(question), np.zeros(len(order)))


def _standardised(values: Floats) -> Floats:
    spread = float(values.std())
    centred: Floats = values - float(values.mean())
    return centred / (spread if spread > 0 else 1.0)
