"""The JSON Schema takes what loads and refuses what does not; the starter loads."""

from __future__ import annotations

import copy
import json
import warnings

import pytest
import yaml
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from strategies.machines import machine_texts, machine_trees

from hwsim.arch.load import arch_of
from hwsim.arch.registry import component_classes
from hwsim.arch.schema import arch_schema, starter
from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError
from hwsim.spec.library import find, names

MACHINES = [entry.name for entry in names("arch")]


@pytest.fixture(scope="module")
def schema():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return arch_schema()


@pytest.fixture(scope="module")
def validator(schema):
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_every_class_has_its_own_schema(schema):
    for name in component_classes():
        node = schema["$defs"][name]
        assert node["properties"]["class"]["const"] == name
        assert node["additionalProperties"] is False
        below = node["properties"]["components"]["additionalProperties"]
        assert below["discriminator"]["propertyName"] == "class"
        assert set(below["discriminator"]["mapping"]) == set(component_classes())


def test_every_field_is_documented(schema):
    for name in component_classes():
        for key, field in schema["$defs"][name]["properties"].items():
            assert field.get("description"), f"{name}.{key}"


@pytest.mark.parametrize("name", MACHINES)
def test_takes_the_shipped_machines(validator, name):
    validator.validate(yaml.safe_load(find("arch", name).read_text()))


def test_takes_the_starter(validator):
    validator.validate(yaml.safe_load(starter("mine")))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("clock",), "700"),
        (("clock",), "700 MB"),
        (("clocks",), "700 MHz"),
        (("components", "dram", "efficiency"), 2),
        (("components", "dram", "class"), "dramm"),
        (("components", "dram", "components", "buffer", "capacity"), 1024),
        (("components", "dram", "components", "buffer", "colour"), "red"),
        (("components", "dram", "components", "vector", "cycles", "exp"), 0),
        (("components", "dram", "components", "vector", "lanes"), {"value": 0, "source": "me"}),
    ],
)
def test_refuses_what_does_not_load(validator, path, value):
    data = yaml.safe_load(starter("mine"))
    changed = _moved(copy.deepcopy(data))
    node = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    with pytest.raises(InputError):
        arch_of(parse_document(json.dumps(changed), "x"))
    assert not validator.is_valid(changed)


def _moved(data):
    """The starter with its vector unit and buffer side by side, so that the paths above are short."""
    dram = data["components"]["dram"]
    dram["components"]["vector"] = dram["components"]["buffer"]["components"].pop("vector")
    return data


@settings(max_examples=25, deadline=None)
@given(machine_trees())
def test_random_machines_are_valid(tree):
    Draft202012Validator(arch_schema()).validate(tree)


@settings(max_examples=60, deadline=None)
@given(machine_texts())
def test_random_machines_load(text):
    arch = arch_of(parse_document(text, "random.yaml"))
    assert arch.root.name == "dram"
    assert {"array", "vector"} <= {part.name for part in arch.walk()}


def test_starter_carries_the_name():
    arch = arch_of(parse_document(starter("my_chip"), "my_chip.yaml"))
    assert arch.name == "my_chip"
    assert {"dram", "buffer", "accumulators", "array", "vector"} == {part.name for part in arch.walk()}


@pytest.mark.parametrize("name", ["", "1", "a b", "a:", "../x", "a\nb"])
def test_starter_refuses_other_names(name):
    with pytest.raises(InputError, match="a machine cannot be called"):
        starter(name)
