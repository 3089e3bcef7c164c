"""Running all points of a study that have not been run: resumes by itself, never loses a finished point."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from hwsim.explore.content import Contents
from hwsim.explore.folder import Folder
from hwsim.explore.metrics import Outcome, failed
from hwsim.explore.point import Point
from hwsim.explore.ranking import Ranking
from hwsim.explore.space import Space
from hwsim.explore.store import neighbours
from hwsim.explore.workers import Batch, Computed, Workers
from hwsim.spec.errors import InputError

DRAWN = 512
"""Points whose keys are looked up at once."""
_BATCH_S = 0.3
"""Seconds a batch should take: long enough to hide its handling, short enough to lose little."""
_MOST = 256


@dataclass(slots=True)
class Progress:
    """How far a sweep is: points ``done`` of at most ``candidates``, those ``computed`` now, those ``shared``
    with studies beside this one, those that ``failed``.
    """

    candidates: int
    done: int = 0
    computed: int = 0
    shared: int = 0
    failed: int = 0
    best: str = ""
    started: float = field(default_factory=time.monotonic)

    @property
    def rate(self) -> float:
        """Points computed a second."""
        elapsed = time.monotonic() - self.started
        return self.computed / elapsed if elapsed > 0 else 0.0


Watch = Callable[[Progress], None]


def sweep(space: Space, folder: Folder, workers: Workers, watch: Watch) -> Progress:
    """Compute every point of ``space`` that the folder's store does not have, and write the table.

    Raises:
        InputError: the store cannot be written; what was finished before is in it.
    """
    progress = Progress(space.candidates)
    ranking = Ranking(space)
    pace = _Pace()
    feed = _Feed(space, folder, progress, pace, watch)
    for computed in workers(feed.batches()):
        folder.store.add(computed)
        pace.tell(len(computed))
        progress.done += len(computed)
        progress.computed += len(computed)
        for key, outcome in computed:
            progress.failed += outcome.status == "failed"
            ranking.add(feed.labels.pop(key), outcome)
        progress.best = ranking.best
        watch(progress)
    progress.candidates = progress.done
    folder.write_table()
    return progress


@dataclass(slots=True)
class _Pace:
    """How many points make a batch: as many as take ``_BATCH_S`` at the rate seen."""

    size: int = 1
    _last: float = field(default_factory=time.monotonic)

    def tell(self, count: int) -> None:
        """``count`` points came back."""
        now = time.monotonic()
        seconds, self._last = max(now - self._last, 1e-6), now
        self.size = max(1, min(_MOST, 2 * self.size, round(count * _BATCH_S / seconds)))


@dataclass(slots=True)
class _Feed:
    """Draws points from the space, leaves out those that are known, and deals out the others in batches."""

    space: Space
    folder: Folder
    progress: Progress
    pace: _Pace
    watch: Watch
    labels: dict[str, Point] = field(default_factory=dict)
    contents: Contents = field(default_factory=Contents)

    def batches(self) -> Iterator[Batch]:
        beside = neighbours(self.folder.path)
        points = self.space.points()
        while drawn := list(islice(points, DRAWN)):
            keyed, broken = self._keyed(drawn)
            self.folder.store.enrol(keyed)
            self._keep(broken)
            missing = self._missing(keyed, beside)
            self.progress.done += len(drawn) - len(missing) - len(broken)
            self.watch(self.progress)
            while missing:
                batch, missing = missing[: self.pace.size], missing[self.pace.size :]
                self.labels.update(batch)
                yield batch

    def _missing(self, keyed: Batch, beside: list[Path]) -> Batch:
        """Those of the points that neither this store nor one beside it has, each once."""
        store = self.folder.store
        wanted = dict(keyed)
        left = _without(list(wanted), store.known(list(wanted)))
        for other in beside:
            if left:
                self.progress.shared += store.take(other, left)
                left = _without(left, store.known(left))
        return [(key, wanted[key]) for key in left if key not in self.labels]

    def _keyed(self, drawn: list[Point]) -> tuple[Batch, Computed]:
        """The points by their keys; those whose settings find no place have none and are failed at once."""
        keyed: Batch = []
        broken: Computed = []
        for point in drawn:
            try:
                keyed.append((self.contents.key(point), point))
            except InputError as error:
                key = self.contents.unplaced(point)
                keyed.append((key, point))
                broken.append((key, failed(str(error))))
        return keyed, broken

    def _keep(self, broken: list[tuple[str, Outcome]]) -> None:
        if broken:
            self.folder.store.add(broken)
            self.progress.failed += len(broken)
            self.progress.done += len(broken)


def _without(keys: list[str], known: frozenset[str]) -> list[str]:
    return [key for key in keys if key not in known]
