"""The Eyeriss chip as measured, against closed forms for its mappings and the whole pipeline with ours.

Measured by Chen et al. (JSSC 2017), tables V and VI, in eyeriss.csv; ``total_ms`` is from memory. AlexNet's
columns add up to the totals of table V: 103.5 ms of processing, 115.3 ms in all, 208.5 MB of buffer traffic.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import hwsim
from hwsim.arch.load import load_arch
from hwsim.arch.registry import component_classes
from hwsim.energy.bands import shipped_bands
from hwsim.engines.row_stationary import RowStationaryArray
from hwsim.spec.errors import InputError
from hwsim.spec.library import find
from hwsim.validation.bands import bands_of
from hwsim.validation.references.eyeriss import compare

HERE = Path(__file__).parent
MEASURED = HERE / "eyeriss.csv"
LINES = {line["layer"]: line for line in csv.DictReader(MEASURED.read_text().splitlines())}
ALEXNET = ("CONV1", "CONV2", "CONV3", "CONV4", "CONV5")


@pytest.fixture(scope="module")
def convolutions():
    """AlexNet's convolutions with the mapping that hwsim finds."""
    return {op["name"]: op for op in run(str(HERE / "alexnet.yaml")).json["ops"]}


def run(workload, **options):
    return hwsim.simulate("eyeriss", workload, **options)


def test_closed_forms_with_the_mappings_of_the_chip():
    found = compare(MEASURED)
    assert found.failed == 0
    errors = {(row.case, row.metric): row.error for row in found.rows}
    assert errors["CONV2", "processing_ms"] == pytest.approx(-0.054, abs=0.001)
    for layer in ("CONV1-2", "CONV2-2"):
        assert abs(errors[layer, "processing_ms"]) < 0.005


def test_the_error_band_that_ships_is_that_of_the_comparison():
    assert bands_of(compare(MEASURED)) == (shipped_bands()["row_stationary_array"],)


@pytest.mark.parametrize(
    ("column", "old", "new", "message"),
    [
        ("e", ",1,27,16", ",1,57,16", "the mapping needs 1 PE sets, the array has 0"),
        ("e", ",1,27,16,2", ",1,27,16,3", "the mapping needs 15 words of ifmap pad, the array has 12"),
        ("filter", "31,5,", "31,32,", "the filter (32) is larger than the input (31)"),
        ("batch", "2,4,1,27", "2,5000,1,27", "5000 is more than 4096"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_in_its_place(tmp_path, column, old, new, message):
    text = MEASURED.read_text()
    assert text.count(old) == 1
    (tmp_path / "eyeriss.csv").write_text(text.replace(old, new))
    with pytest.raises(InputError) as error:
        compare(tmp_path / "eyeriss.csv")
    assert error.value.message == f"{column}: {message}"
    assert error.value.position.line == 3


def test_the_measurements_are_not_shipped():
    with pytest.raises(InputError, match="not part of hwsim"):
        compare()


@pytest.mark.parametrize("layer", ALEXNET)
def test_latency_of_alexnet_through_the_whole_pipeline(convolutions, layer):
    """Errors: processing +12.5, -12.3, -2.8, -3.0, +3.4 %; in all -4.9, -14.8, -7.0, -11.6, +3.4 %."""
    op, clock = convolutions[layer], load_arch("eyeriss").clock
    processing = 1e3 * op["compute_cycles"] / clock
    assert processing == pytest.approx(float(LINES[layer]["processing_ms"]), rel=0.14)
    assert 1e3 * op["latency_s"] == pytest.approx(float(LINES[layer]["total_ms"]), rel=0.16)
    assert op["cycles"] >= op["lower_bound_cycles"]


def test_latency_of_all_of_alexnet(convolutions):
    """9 % below what was measured in all, 3 % in processing."""
    clock = load_arch("eyeriss").clock
    ours = {
        "total_ms": sum(op["latency_s"] for op in convolutions.values()),
        "processing_ms": sum(op["compute_cycles"] for op in convolutions.values()) / clock,
    }
    for column, tolerance in (("total_ms", 0.11), ("processing_ms", 0.05)):
        measured = sum(float(LINES[layer][column]) for layer in ALEXNET)
        assert 1e3 * ours[column] == pytest.approx(measured, rel=tolerance)


@pytest.mark.parametrize("fidelity", ["bound", "analytical", "event"])
def test_alexnet_of_the_library_from_end_to_end(fidelity):
    result = run("alexnet", fidelity=fidelity)
    assert result.latency_s >= run("alexnet", fidelity="bound").latency_s > 0
    on = {op["name"]: op["component"] for op in result.json["ops"]}
    assert on["conv1"] == on["fc8"] == "array"
    assert on["conv1.relu"] == on["conv5.max_pool"] == "vector"
    assert sum(row["energy_j"] for row in result.json["components"]) == pytest.approx(result.energy_j)


def test_the_result_says_that_the_model_is_analytical(convolutions):
    assert convolutions["CONV3"]["mapping"].startswith("row_stationary 12x14 (analytical) e=13 p=")


def test_energy_of_the_array_and_the_buffer():
    """About half of what the chip took (table V: 278 mW over 115.3 ms): there is no clock tree here."""
    parts = {row["name"]: row["energy_j"] for row in run(str(HERE / "alexnet.yaml")).json["components"]}
    assert 0.4 < (parts["array"] + parts["global_buffer"]) / (278e-3 * 115.3e-3) < 0.7


def test_the_class_is_registered():
    assert component_classes()["row_stationary_array"] is RowStationaryArray


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ("ifmap_pad:", "ifmap_pads:", "unknown key 'ifmap_pads'", "ifmap_pad"),
        (
            "class: row_stationary_array",
            "class: row_stationary_arry",
            "row_stationary_arry",
            "row_stationary_array",
        ),
        ('value: int16, source: "Chen 2017: 16', 'value: int61, source: "Chen 2017: 16', "int61", "int64"),
        ("filter_pad: {value: 224", "filter_pad: {value: 0", "filter_pad", ""),
    ],
)
def test_a_slip_in_the_machine_is_found_in_its_place(tmp_path, old, new, message, hint):
    text = find("arch", "eyeriss").read_text()
    assert text.count(old) == 1
    path = tmp_path / "machine.yaml"
    path.write_text(text.replace(old, new))
    with pytest.raises(InputError) as error:
        load_arch(str(path))
    assert message in error.value.message
    assert hint in (error.value.hint or "")
    assert error.value.position.line == text[: text.index(old)].count("\n") + 1
