from __future__ import annotations

import pytest

from hwsim.descriptions.registry import find_kind, kind_called, kind_of_file, kinds
from hwsim.spec.errors import InputError


def test_every_kind_is_called_by_its_name():
    assert {"arch", "workload", "mapping", "technology", "plan", "cascade"} <= set(kinds())
    assert all(kind_called(name).name == name for name in kinds())


def test_a_name_on_several_shelves_is_refused(monkeypatch):
    from hwsim.descriptions import registry

    monkeypatch.setattr(registry, "_names", lambda kind: ["twin"] if kind.name in ("arch", "mapping") else [])
    with pytest.raises(InputError, match="'twin' is the name of arch and mapping; say --kind arch"):
        find_kind("twin")


def test_a_name_may_have_a_dot_and_a_file_goes_before_a_name(tmp_path, monkeypatch):
    from hwsim.descriptions import registry

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_names", lambda kind: ["a.b", "x"] if kind.name == "mapping" else [])
    (tmp_path / "x").write_text("clock: 1 GHz")
    assert (find_kind("a.b").name, find_kind("x").name) == ("mapping", "arch")
    with pytest.raises(InputError, match=r"there is no file 'c\.d'"):
        find_kind("c.d")


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.yaml", "componets: {}\nclock: 1 GHz\n", "arch"),
        ("a.yaml", "name: x\nclock: 1 GHz\n", "arch"),
        ("w.yml", "operators: []\n", "workload"),
        ("w.yml", "family: mamba\n", "workload"),
        ("m.yaml", "residency: greedy\n", "mapping"),
        ("t.yaml", "sram: {}\n", "technology"),
        ("p.json", '{"steps": [], "residencies": []}', "plan"),
        ("config.json", '{"model_type": "bert"}', "workload"),
        ("c.cfg", "[a]", "arch"),
        ("t.csv", "Layer,M,N,K,", "workload"),
        ("g.onnx", "", "workload"),
    ],
)
def test_the_kind_of_a_file(tmp_path, name, text, kind):
    (tmp_path / name).write_text(text)
    assert kind_of_file(tmp_path / name).name == kind


@pytest.mark.parametrize("text", ["colour: blue\n", "- 1\n", "just text\n", "name: x\n"])
def test_a_file_of_no_kind(tmp_path, text):
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InputError, match="--kind KIND"):
        kind_of_file(tmp_path / "x.yaml")
