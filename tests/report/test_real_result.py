"""What the pipeline really writes is accepted, shown and adds up."""

from __future__ import annotations

import json

import pytest

from hwsim import simulate
from hwsim.report.document import as_run
from hwsim.report.explain import explain
from hwsim.report.explanation.totals import TOTALS
from hwsim.report.gallery import drawings
from hwsim.report.page import render


@pytest.fixture(scope="module")
def result():
    return json.loads(json.dumps(simulate("tpu_v1", "resnet50").json))


def test_every_figure_is_drawn(result):
    assert len(drawings(as_run(result))) >= 10
    assert result["ops"][0]["name"] in render(result)


def test_every_figure_adds_up(result):
    def wrong(node):
        yield from ([node.label] if node.adds_up is False else [])
        for child in node.children:
            yield from wrong(child)

    names = [*TOTALS, *(op["name"] for op in result["ops"]), *(one["name"] for one in result["components"])]
    assert [(name, label) for name in names for label in wrong(explain(result, name))] == []


def test_every_energy_has_a_source(result):
    assert [one for one in result["actions"] if one["energy_j"] and not one["source"]] == []
