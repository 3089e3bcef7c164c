from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from hwsim import environment
from hwsim.spec.library import library_root

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize(
    ("version", "limits", "fits"),
    [
        ("3.3.2", ">=3.3,<4", True),
        ("4.0", ">=3.3,<4", False),
        ("3.3", ">=3.3.0", True),
        ("3.10", ">=3.9", True),
        ("1.26.4rc1", ">=1.26", True),
        ("1.25", ">=1.26", False),
        ("7", "", True),
    ],
)
def test_limits_of_versions(version, limits, fits):
    assert environment.within(version, limits) is fits


def test_the_requirements_of_a_checkout_are_those_of_its_project_file(monkeypatch):
    def absent(_name):
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(environment.metadata, "requires", absent)
    wanted = environment.requirements()
    base = [each for each in wanted if each.extra is None]
    assert [f"{each.name}{each.limits}" for each in base] == PROJECT["dependencies"]
    assert {each.name for each in wanted if each.extra == "solvers"} == {"highspy", "ortools"}


def test_requirements_are_read_from_installed_metadata(monkeypatch):
    lines = ["numpy>=1.26", 'onnx>=1.17; extra == "onnx"', "hwsim[onnx,solvers]; extra == 'all'"]
    monkeypatch.setattr(environment.metadata, "requires", lambda _name: lines)
    assert environment.requirements() == [
        environment.Requirement("numpy", ">=1.26", None),
        environment.Requirement("onnx", ">=1.17", "onnx"),
        environment.Requirement("hwsim", "", "all"),
    ]


def test_every_extra_says_what_it_is_for():
    assert set(environment.EXTRAS) == set(PROJECT["optional-dependencies"]) - {"all", "dev"}


def test_findings_tell_what_is_needed_from_what_is_not(monkeypatch):
    there = environment.installed_version
    gone = {"numpy", "ortools"}
    monkeypatch.setattr(environment, "installed_version", lambda name: None if name in gone else there(name))
    monkeypatch.setattr(environment.shutil, "which", lambda _name: None)
    found = {each.what: each for each in environment.findings()}
    assert (found["numpy"].ok, found["numpy"].needed) == (False, True)
    assert (found["extra solvers"].ok, found["extra solvers"].needed) == (False, False)
    assert "pip install 'hwsim[solvers]'" in found["extra solvers"].detail
    assert not found["browser"].ok
    assert str(library_root()) in found["library"].detail
