"""``hwsim search``: the good points of a study, without running all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.output import JsonOption, answer, console, message, write_json


def search(
    study: Annotated[str, typer.Argument(help="Study: a file, or a name from 'hwsim list study'.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Folder; runs/STUDY by default.")
    ] = None,
    budget: Annotated[int, typer.Option(min=1, help="Points to run.")] = 100,
    sampler: Annotated[str, typer.Option(help="tpe, nsga2, cmaes, grid or random.")] = "tpe",
    prune: Annotated[
        bool, typer.Option(help="Leave out points whose lower bounds are no better than what was found.")
    ] = True,
    warm: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="Begin with what this study found.")
    ] = None,
    regret: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Compare with the sweep of all points in this folder.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="A.B=V", help="Change a key of the study's file.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Search a study with Optuna instead of running all of it; what was computed once is kept."""
    from hwsim.explore import search as searching
    from hwsim.explore.answer import search_answer, study_answer
    from hwsim.explore.folder import command_line, opened
    from hwsim.explore.load import load_study
    from hwsim.explore.results import open_results
    from hwsim.explore.study import folder_name
    from hwsim.report.studies.console import print_study
    from hwsim.report.studies.progress import shown_search

    space = load_study(study, tuple(settings or ()))
    path = output or folder_name(space.study)
    earlier = open_results(warm) if warm else None
    whole = open_results(regret) if regret else None
    options = searching.Options(budget, sampler, prune)
    with opened(path, space, command_line(), f"search {sampler}") as folder, shown_search(budget) as watch:
        found = searching.search(space, folder, options, earlier, watch)
    results = open_results(path)
    summary = search_answer(found, searching.regret(space, found, whole) if whole else None)
    message(", ".join(f"{key} {value}" for key, value in summary.items() if value is not None))
    if json:
        inputs = {"study": space.document.content_hash}
        write_json(answer(inputs, **summary, **study_answer(results)), json)
    if json != "-":
        print_study(results, console())
