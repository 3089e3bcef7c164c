"""How far a sweep is, on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hwsim.explore.search import Found
from hwsim.explore.search import Watch as SearchWatch
from hwsim.explore.sweep import Progress, Watch

_EVERY_S = 10.0


@contextmanager
def shown_progress() -> Iterator[Watch]:
    """A function to tell of the progress."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield _lines()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (BarColumn(24), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    with Bars(*columns, TextColumn("{task.fields[best]}"), console=console) as bars:
        bar = bars.add_task("sweep", total=None, rate="", best="")

        def watch(progress: Progress) -> None:
            rate, best = _fields(progress)
            bars.update(bar, total=progress.candidates, completed=progress.done, rate=rate, best=best)

        yield watch


def _fields(progress: Progress) -> tuple[str, str]:
    best = f"best {progress.best}" if progress.best else ""
    bad = f", {progress.failed} failed" if progress.failed else ""
    return f"{progress.rate:.1f}/s{bad}", best


def _lines() -> Watch:
    last = time.monotonic()

    def watch(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY_S:
            last = time.monotonic()
            sys.stderr.write(line(progress) + "\n")

    return watch


def line(progress: Progress) -> str:
    """The progress in one line."""
    rate, best = _fields(progress)
    left = (progress.candidates - progress.done) / progress.rate if progress.rate else 0.0
    shown = f"{progress.done} of {progress.candidates} points, {rate}, {left:.0f} s left"
    return f"{shown}, {best}" if best else shown


@contextmanager
def shown_search(budget: int) -> Iterator[SearchWatch]:
    """A function to tell of a search's progress: the points run, left out, and the best so far."""
    with shown_progress() as watch:
        progress = Progress(budget)

        def told(found: Found) -> None:
            progress.done, progress.computed = len(found.evaluated), found.computed
            progress.best = f"{found.best}; {found.pruned} left out" if found.pruned else found.best
            watch(progress)

        yield told
