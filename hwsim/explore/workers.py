"""Where points are computed: in this process, in several, or on a Dask cluster.

Each takes batches of points one after another and gives them back computed, in whatever order they finish;
no more batches are drawn than are being worked at, so that a million points take no room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TypeAlias

from hwsim.explore.evaluate import evaluate
from hwsim.explore.metrics import Outcome, failed
from hwsim.explore.point import Point

Batch: TypeAlias = list[tuple[str, Point]]
Computed: TypeAlias = list[tuple[str, Outcome]]
Workers: TypeAlias = Callable[[Iterable[Batch]], Iterator[Computed]]
_LOST = "the process that computed this point died (out of memory, or a crash in compiled code)"


def compute(batch: Batch) -> Computed:
    """The points of a batch, computed."""
    outcomes = evaluate([point for _, point in batch])
    return [(key, outcome) for (key, _), outcome in zip(batch, outcomes, strict=True)]


def in_process(batches: Iterable[Batch]) -> Iterator[Computed]:
    """One batch after another, here."""
    return map(compute, batches)


@dataclass(frozen=True, slots=True)
class Processes:
    """``count`` processes on this machine."""

    count: int

    def __call__(self, batches: Iterable[Batch]) -> Iterator[Computed]:
        """Batches as they finish; one whose process dies is tried again point by point."""
        waiting = iter(batches)
        pool = self._pool()
        running: dict[Future[Computed], Batch] = {}
        try:
            while True:
                for batch in waiting:
                    running[pool.submit(compute, batch)] = batch
                    if len(running) >= 2 * self.count:
                        break
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                lost = [running[each] for each in done if isinstance(each.exception(), BrokenProcessPool)]
                if lost:
                    lost = list(running.values())
                    pool.shutdown(wait=False, cancel_futures=True)
                    pool, running = self._pool(), {}
                    yield from (self._alone(one) for batch in lost for one in batch)
                else:
                    yield from (each.result() for each in done)
                    for each in done:
                        del running[each]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.count, mp_context=get_context("spawn"), initializer=_ignore_interrupt)

    def _alone(self, one: tuple[str, Point]) -> Computed:
        """A point in a process of its own, so that only its own death counts against it."""
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            try:
                return pool.submit(compute, [one]).result()
            except BrokenProcessPool:
                return [(one[0], failed(_LOST))]


def _ignore_interrupt() -> None:
    """The parent decides what Ctrl-C means."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def workers_for(jobs: int, dask: str | None) -> Workers:
    """Who computes: the cluster at ``dask``, ``jobs`` processes, or this one.

    Raises:
        InputError: Dask is asked for and there is none.
    """
    if dask is not None:
        from hwsim.explore.cluster import Cluster

        return Cluster(dask)
    return in_process if jobs == 1 else Processes(jobs)
