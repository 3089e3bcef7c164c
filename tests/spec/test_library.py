"""Names lead to library files; paths lead to themselves."""

from __future__ import annotations

import pytest

from hwsim.spec import library
from hwsim.spec.errors import InputError
from hwsim.spec.library import Entry, find, library_root, names


@pytest.fixture
def root(tmp_path, monkeypatch):
    for file in (
        "arch_configs/systolic/tpu_v1.yaml",
        "arch_configs/gpu/h100.yaml",
        "arch_configs/technology/nm45.yaml",
        "workloads/cnn/resnet50.yaml",
        "workloads/cascades/attention.yaml",
        "mapping/llama3.1.yaml",
        "mapping/README.md",
    ):
        (tmp_path / "lib" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "lib" / file).touch()
    monkeypatch.setattr(library, "library_root", lambda: tmp_path / "lib")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "lib"


def test_library_is_where_this_package_is():
    assert library_root().joinpath("arch_configs").is_dir()


def test_library_is_inside_an_installed_package(tmp_path, monkeypatch):
    (tmp_path / "_library").mkdir()
    monkeypatch.setattr(library, "__file__", str(tmp_path / "spec" / "library.py"))
    assert library_root() == tmp_path / "_library"


def test_names_have_their_folder_and_only_their_kind(root):
    assert names("arch") == [
        Entry("h100", "gpu", root / "arch_configs/gpu/h100.yaml"),
        Entry("tpu_v1", "systolic", root / "arch_configs/systolic/tpu_v1.yaml"),
    ]
    assert [(entry.name, entry.folder) for entry in names("technology")] == [("nm45", "")]
    assert [entry.name for entry in names("workload")] == ["resnet50"]
    assert [entry.name for entry in names("cascade")] == ["attention"]


def test_name_path_and_name_with_a_dot(root, tmp_path):
    assert find("arch", "tpu_v1") == root / "arch_configs/systolic/tpu_v1.yaml"
    assert find("mapping", "llama3.1") == root / "mapping/llama3.1.yaml"
    assert str(find("arch", "./tpu_v1")) == "tpu_v1"
    assert str(find("arch", "no/such.yaml")) == "no/such.yaml"


def test_an_existing_file_goes_before_the_library(root, tmp_path):
    (tmp_path / "tpu_v1").touch()
    assert str(find("arch", "tpu_v1")) == "tpu_v1"


def test_a_folder_of_the_same_name_does_not(root, tmp_path):
    (tmp_path / "tpu_v1").mkdir()
    assert find("arch", "tpu_v1").suffix == ".yaml"


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        (
            "arch",
            "tpuv1",
            "there is no arch 'tpuv1', neither a file nor in the library; did you mean 'tpu_v1'?",
        ),
        ("arch", "nm45", "there is no arch 'nm45', neither a file nor in the library; known: h100, tpu_v1"),
        ("workload", "", "there is no workload '', neither a file nor in the library; known: resnet50"),
    ],
)
def test_unknown_name(root, kind, name, message):
    with pytest.raises(InputError) as caught:
        find(kind, name)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_impossible_names(root, name):
    with pytest.raises(InputError):
        find("arch", name)
