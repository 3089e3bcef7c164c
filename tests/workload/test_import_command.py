"""``hwsim import`` as a user runs it."""

from __future__ import annotations

import json

import pytest

from hwsim.cli.import_model import import_model
from hwsim.spec.errors import InputError
from hwsim.workload.load import load_workload


def test_it_writes_a_workload_and_says_what_it_is(tmp_path, capsys):
    source, target = tmp_path / "config.json", tmp_path / "w.yaml"
    source.write_text(json.dumps({"model_type": "gpt2"}))
    import_model(source, target)
    told = capsys.readouterr()
    assert told.out == ""
    assert "198 operators, 96,684,798,720 MACs, 124,439,808 parameters" in told.err
    assert load_workload(str(target)).parameter_count == 124_439_808


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", '{"model_type": "gpt2", "n_layer": 0}'),
        ("t.csv", "Layer, M, N, K,\nA,1,2,0,\n"),
        ("m.onnx", "x"),
    ],
)
def test_nothing_is_written_where_the_input_is_bad(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    target = tmp_path / "w.yaml"
    with pytest.raises(InputError):
        import_model(tmp_path / name, target)
    assert not target.exists()


def test_what_is_ours_already_is_not_imported(tmp_path):
    source = tmp_path / "w.yaml"
    source.write_text("name: w\n")
    formats = r"these are: \.json, a folder with neurons\.csv, \.nir, \.onnx, \.csv"
    with pytest.raises(InputError, match=f"no format that can be imported; {formats}"):
        import_model(source, tmp_path / "v.yaml")
