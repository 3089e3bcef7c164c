"""JSON Schemas say what the models take, with the documentation of each field."""

from __future__ import annotations

import json

import pytest

from hwsim.spec.model import json_schema


@pytest.fixture(scope="module")
def schema(chip):
    return json_schema(chip)


@pytest.fixture(scope="module")
def fields(schema):
    return schema["$defs"]["Chip"]["properties"]


def test_dialect_and_json_form(schema):
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(schema)) == schema


def test_scalar_may_carry_its_source(fields):
    bare, sourced = fields["name"]["anyOf"]
    assert bare == {"type": "string"}
    assert sourced["properties"]["value"] == bare
    assert set(sourced["properties"]) == {"value", "source", "note"}
    assert sourced["required"] == ["value"]
    assert sourced["additionalProperties"] is False


def test_unit_text_has_pattern_example_and_description(fields):
    bare = fields["clock"]["anyOf"][0]
    assert fields["clock"]["description"] == "Clock of the whole chip."
    assert bare["examples"] == ["700 MHz"]
    assert "MHz" in bare["pattern"]


def test_choices_and_entries_of_lists_and_mappings_may_carry_theirs(schema, fields):
    assert fields["dtype"]["anyOf"][0]["enum"] == ["int8", "bf16"]
    assert fields["dtype"]["default"] == "int8"
    plain, sourced = fields["shape"]["anyOf"]
    assert [len(side["anyOf"]) for side in plain["prefixItems"]] == [2, 2]
    assert sourced["properties"]["value"] == plain
    assert len(fields["buffers"]["additionalProperties"]["anyOf"]) == 2
    assert len(fields["width"]["anyOf"]) == 2


def test_class_is_one_constant(schema):
    assert schema["$defs"]["Sram"]["properties"]["class"]["const"] == "sram"
    assert schema["$defs"]["Sram"]["additionalProperties"] is False
    assert schema["$defs"]["Sram"]["required"] == ["class", "capacity"]


def test_references_to_mappings_stay(fields):
    assert fields["parts"]["items"]["discriminator"]["propertyName"] == "class"
    assert {"$ref": "#/$defs/Chip"} in fields["inner"]["anyOf"]


def test_only_the_class_that_is_named_is_looked_into(fields):
    parts = fields["parts"]["items"]
    assert "oneOf" not in parts
    assert parts["allOf"][0]["properties"]["class"] == {"enum": ["sram", "systolic_array"]}
    assert {part["then"]["$ref"] for part in parts["allOf"][1:]} == {"#/$defs/Array", "#/$defs/Sram"}
