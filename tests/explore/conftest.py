"""A study of a small network on a small machine, whose points take milliseconds."""

from __future__ import annotations

import json

import pytest
from strategies.small_study import WORKLOAD, study

from hwsim.explore.load import space_of
from hwsim.spec.document import parse_document


@pytest.fixture(scope="session")
def workload(tmp_path_factory):
    """The file of the small network."""
    path = tmp_path_factory.mktemp("workload") / "tiny.yaml"
    path.write_text(WORKLOAD)
    return str(path)


@pytest.fixture
def small(workload):
    """Makes the small study's space, with changes."""

    def make(**changes):
        return space_of(parse_document(json.dumps(study(workload, **changes), indent=1), "study.yaml"))

    return make
