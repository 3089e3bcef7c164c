"""``hwsim sweep``: all points of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, message, write_json

if TYPE_CHECKING:
    from hwsim.explore.space import Space


def sweep(
    study: Annotated[str, typer.Argument(help="Study: a file, or a name from 'hwsim list study'.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Folder; runs/STUDY by default.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes on this machine.")] = 1,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Run on the Dask cluster of this scheduler.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count and check the points, estimate the time, run nothing.")
    ] = False,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="A.B=V", help="Change a key of the study's file.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Run every point of a study; resumes by itself, and never loses a finished point."""
    from hwsim.explore.load import load_study

    space = load_study(study, tuple(settings or ()))
    if dry_run:
        _look(space, jobs, json)
        return
    from hwsim.explore.answer import study_answer
    from hwsim.explore.folder import command_line, opened
    from hwsim.explore.results import open_results
    from hwsim.explore.study import folder_name
    from hwsim.explore.sweep import sweep as run
    from hwsim.explore.workers import workers_for
    from hwsim.report.studies.console import print_study
    from hwsim.report.studies.progress import line, shown_progress

    path = output or folder_name(space.study)
    with opened(path, space, command_line(), dask or f"-j {jobs}") as folder, shown_progress() as watch:
        progress = run(space, folder, workers_for(jobs, dask), watch)
    message(line(progress))
    found = open_results(path)
    message(f"study: {path}")
    if json:
        write_json(answer({"study": space.document.content_hash}, **study_answer(found)), json)
    if json != "-":
        print_study(found, console())


def _look(space: Space, jobs: int, json: str | None) -> None:
    """What a dry run says.

    Raises:
        CheckFailed: the input of some point is at fault.
    """
    from hwsim.explore.check import check
    from hwsim.report.studies.console import print_check
    from hwsim.spec.errors import CheckFailed

    found = check(space)
    if json:
        faults = [{"position": point.position, "message": text} for point, text in found.faults]
        content = {"points": found.points, "seconds_per_point": found.seconds, "faults": faults}
        write_json(answer({"study": space.document.content_hash}, **content), json)
    print_check(found, jobs, console(json))
    if found.faults:
        raise CheckFailed(f"the input of {len(found.faults)} of {found.points} points is at fault")
