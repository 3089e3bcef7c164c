"""A Dask cluster computes the points; this process draws them and keeps them, as always.

Dask runs a task again whose worker was lost; a point that comes twice is kept once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from hwsim.explore.metrics import failed
from hwsim.explore.workers import Batch, Computed, compute
from hwsim.spec.errors import InputError

_AHEAD = 3
"""Batches under way for each thread of the cluster."""
_TIMEOUT = "20s"
_LOST = "every worker that computed this point was lost"


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster of the scheduler at ``address``."""

    address: str

    def __call__(self, batches: Iterable[Batch]) -> Iterator[Computed]:
        """Batches as they finish, in whatever order.

        Raises:
            InputError: there is no scheduler, or its workers cannot run hwsim.
        """
        with closing(self._client()) as client:
            yield from _computed(client, batches)

    def _client(self) -> Any:
        try:
            from distributed import Client
        except ImportError as error:
            raise InputError("Dask is not installed", hint="pip install 'hwsim[dask]'") from error
        try:
            return Client(self.address, timeout=_TIMEOUT, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise InputError(
                f"there is no Dask scheduler at {self.address!r}: {error}",
                hint="start one with 'dask scheduler', and workers with 'dask worker ADDRESS'",
            ) from error


def _computed(client: Any, batches: Iterable[Batch]) -> Iterator[Computed]:
    from distributed import as_completed

    waiting = iter(batches)
    drawn: dict[str, Batch] = {}

    def submit(count: int) -> list[Any]:
        found = []
        for batch in islice(waiting, count):
            future = client.submit(compute, batch, pure=False)
            drawn[future.key] = batch
            found.append(future)
        return found

    threads = sum(client.nthreads().values()) or 1
    running = as_completed(submit(_AHEAD * threads), loop=client.loop)
    for future in running:
        batch = drawn.pop(future.key)
        yield future.result() if future.status == "finished" else _failed(batch, future.exception())
        running.update(submit(1))


def _failed(batch: Batch, error: BaseException) -> Computed:
    """A batch that no worker could finish: each point says so."""
    if type(error).__name__ != "KilledWorker":
        raise InputError(
            f"the workers of the cluster cannot compute: {type(error).__name__}: {error}",
            hint="they need the same version of hwsim as this process",
        ) from error
    return [(key, failed(_LOST)) for key, _ in batch]
