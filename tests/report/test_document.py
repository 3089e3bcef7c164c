from __future__ import annotations

import json

import pytest

from hwsim.report.document import NotAResultError, as_run
from hwsim.report.result_file import read_result
from hwsim.spec.errors import InputError


def test_a_written_result_reads_back(sample, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(sample(), indent=1))
    assert read_result(path) == sample()


def test_unknown_keys_are_accepted(sample):
    assert as_run(sample() | {"later": 1}).arch == "tpu_like"


@pytest.mark.parametrize("key", ["latency_s", "ops", "lower_bound", "schema", "inputs"])
def test_a_missing_key_is_named(sample, key):
    result = sample()
    del result[key]
    with pytest.raises(NotAResultError, match=f"{key}: is missing"):
        as_run(result)


@pytest.mark.parametrize("value", ["fast", None, -1.0, [1], True, float("inf"), float("nan")])
def test_a_latency_that_is_no_latency_is_refused(sample, value):
    with pytest.raises(NotAResultError, match=r"ops\.3\.latency_s"):
        result = sample()
        result["ops"][3]["latency_s"] = value
        as_run(result)


@pytest.mark.parametrize("value", [[], "text", 3, None])
def test_a_document_that_is_no_object_is_refused(value, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(value))
    with pytest.raises(InputError, match="not an hwsim result"):
        read_result(path)


def test_the_place_of_a_wrong_value_is_shown(sample, tmp_path):
    result = sample()
    result["ops"][1]["cycles"] = "many"
    path = tmp_path / "run.json"
    path.write_text(json.dumps(result, indent=1))
    with pytest.raises(InputError) as raised:
        read_result(path)
    position = raised.value.position
    assert path.read_text().splitlines()[position.line - 1] == position.text
    assert position.text[position.column - 1 :].startswith('"many"')


@pytest.mark.parametrize(
    ("text", "place"), [('{"a": 1,\n  b}', ":2:3"), ("", ":1:1"), ('{"a":1}\n{', ":2:1")]
)
def test_broken_json_is_refused_with_its_place(tmp_path, text, place):
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        read_result(path)
    assert str(raised.value.position).endswith(place)


def test_missing_file_folder_and_binary_are_refused(tmp_path):
    binary = tmp_path / "binary"
    binary.write_bytes(b"\x80\x81\xff")
    for path in (tmp_path / "none.json", tmp_path, binary):
        with pytest.raises(InputError):
            read_result(path)
