"""Studies: what there is to say about one."""

from __future__ import annotations

from typing import Any

from hwsim.descriptions.kind import Kind
from hwsim.descriptions.sheet import Sheet, Table
from hwsim.explore.load import load_study
from hwsim.explore.schema import starter, study_schema
from hwsim.explore.study import StudyFile


def describe(name_or_path: str) -> Sheet:
    """The study in a file or the library.

    Raises:
        InputError: it is at fault, with its position.
    """
    space = load_study(name_or_path)
    study = space.study
    facts: dict[str, Any] = study.model_dump(
        mode="json", include={"fidelity", "where", "constraints", "objectives"}
    )
    varied = [
        {"attribute": key, "values": len(values), "from": values[0], "to": values[-1]}
        for key, values in space.choices.items()
    ]
    return Sheet(
        kind="study",
        name=study.name,
        description=study.description,
        file=space.document.file,
        content_hash=space.document.content_hash,
        facts={"candidates": space.candidates, **facts},
        tables=(Table("varied", tuple(varied)),),
    )


KIND = Kind(
    name="study",
    says="which designs to try, and what to ask of them",
    read=describe,
    keys=lambda: frozenset(StudyFile.model_fields),
    shelf="study",
    schema=study_schema,
    starter=starter,
)
