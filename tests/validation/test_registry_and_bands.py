from __future__ import annotations

import pytest

from hwsim.energy.bands import BandFile, ErrorBand
from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError
from hwsim.spec.model import validate
from hwsim.validation.bands import bands_of, write_bands
from hwsim.validation.comparison import Comparison, Coverage, Row
from hwsim.validation.registry import SHIPPED, compare_with, inputs_of, references, shipped_data

COVERAGE = Coverage("widget", "time", "seconds", "A 2020", {"rows": (2, 8)})


def _comparison(*errors: float, coverage=COVERAGE) -> Comparison:
    rows = [
        Row(str(number), "seconds", 100.0, 100.0 * (1 + error), 1.0) for number, error in enumerate(errors)
    ]
    return Comparison("w", (*rows, Row("x", "bytes", 1, 2, None)), (), (coverage,))


def test_references_are_the_modules_of_their_package():
    assert {"scalesim", "cascades"} <= set(references())


def test_what_is_shipped_is_what_a_reference_reads_without_data():
    assert shipped_data("scalesim") == SHIPPED / "scalesim.csv"
    whole, told = compare_with("scalesim"), compare_with("scalesim", SHIPPED / "scalesim.csv")
    assert whole == told


@pytest.mark.parametrize("name", references())
def test_a_reference_ships_data_of_its_name_or_refuses_to_run_without(name):
    if shipped_data(name) is None:
        with pytest.raises(InputError):
            references()[name](None)


def test_the_hash_of_a_folder_changes_with_its_files(tmp_path):
    (tmp_path / "a.csv").write_text("1")
    first = inputs_of("n", tmp_path)["n"]["hash"]
    (tmp_path / "b.csv").write_text("2")
    second = inputs_of("n", tmp_path)["n"]["hash"]
    assert first != second
    assert inputs_of("n", tmp_path / "a.csv")["n"]["hash"] == first


def test_a_band_is_the_largest_error_of_its_metric():
    (band,) = bands_of(_comparison(0.01, -0.03, 0.0))
    assert (band.component_class, band.cases, band.reference) == ("widget", 3, "A 2020")
    assert band.max_error == pytest.approx(0.03)
    assert (band.covered["rows"].least, band.covered["rows"].most) == (2, 8)


def test_writing_bands_keeps_those_of_other_classes(tmp_path):
    path = tmp_path / "bands.yaml"
    other = Coverage("another", "time", "seconds", "B", {})
    write_bands(path, [_comparison(0.5), _comparison(0.25, coverage=other)])
    write_bands(path, [_comparison(0.125)])
    bands = validate(BandFile, load_document(path)).bands
    assert [(band.component_class, band.max_error) for band in bands] == [
        ("another", 0.25),
        ("widget", 0.125),
    ]
    assert all(isinstance(band, ErrorBand) for band in bands)


def test_an_endless_error_is_no_band(tmp_path):
    endless = Comparison("w", (Row("c", "seconds", 0, 1, None),), (), (COVERAGE,))
    with pytest.raises(InputError, match="w: c has seconds 0 in the reference"):
        write_bands(tmp_path / "bands.yaml", [endless])
    assert not (tmp_path / "bands.yaml").exists()


def test_the_worst_rows_are_the_failed_ones_then_the_largest():
    rows = (
        Row("small", "m", 100, 101, 0.0),
        Row("tolerated", "m", 100, 190, 1.0),
        Row("equal", "m", 1, 1),
        Row("large", "m", 100, 50, 0.0),
    )
    assert [row.case for row in Comparison("c", rows).worst(3)] == ["large", "small", "tolerated"]
