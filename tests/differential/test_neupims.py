"""NeuPIMs' properties on our machines, and what the comparison says of them."""

from __future__ import annotations

import pytest

from hwsim.spec.errors import InputError
from hwsim.validation.references import neupims


def test_properties_hold_and_averages_are_told(monkeypatch):
    """The smallest model alone: the command itself does all three."""
    points = tuple(point for point in neupims.POINTS if point.model == "7B")
    monkeypatch.setattr(neupims, "POINTS", points)
    monkeypatch.setattr(neupims, "MODELS", {"7B": neupims.MODELS["7B"]})
    found = neupims.compare(None)
    judged = [row for row in found.rows if row.tolerance is not None]
    assert len(judged) > 20
    assert [row for row in judged if row.failed] == []
    told = {(row.case, row.metric) for row in found.rows if row.tolerance is None}
    assert {metric for case, metric in told if case == "average"} == set(neupims.RATIOS)
    assert len(found.tables["iterations"]) == len(points)


def test_a_table_without_ratios_is_refused(tmp_path):
    file = tmp_path / "other.csv"
    file.write_text("metric,value\nspeed,3\n")
    with pytest.raises(InputError, match="no published ratio"):
        neupims.compare(file)
