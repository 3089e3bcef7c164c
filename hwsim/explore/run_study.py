"""``hwsim.sweep``: a study in a notebook or a script, from its description to its tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hwsim.explore.folder import opened
from hwsim.explore.load import load_study, space_of
from hwsim.explore.results import StudyResults, open_results
from hwsim.explore.space import Space
from hwsim.explore.study import folder_name
from hwsim.explore.sweep import Watch
from hwsim.explore.sweep import sweep as run
from hwsim.explore.workers import workers_for
from hwsim.spec.document import parse_document


def sweep(
    study: str | Path | Mapping[str, Any],
    output: str | Path | None = None,
    *,
    jobs: int = 1,
    dask: str | None = None,
    watch: Watch = lambda _: None,
) -> StudyResults:
    """Run every point of a study that its folder does not have yet.

    Args:
        study: a file, a name of ``hwsim list study``, or what such a file would hold.
        output: the folder of the results, ``runs/STUDY`` by default.
        jobs: processes on this machine.
        dask: the address of a Dask scheduler to run on instead.
        watch: called with the progress after every batch.

    Raises:
        InputError: the study is at fault, or the folder cannot be written.
    """
    space = _space(study)
    path = Path(output) if output else folder_name(space.study)
    with opened(path, space, "hwsim.sweep", dask or f"-j {jobs}") as folder:
        run(space, folder, workers_for(jobs, dask), watch)
    return open_results(path)


def _space(study: str | Path | Mapping[str, Any]) -> Space:
    if isinstance(study, Mapping):
        return space_of(parse_document(json.dumps(study, indent=1), "the study"))
    return load_study(str(study))
