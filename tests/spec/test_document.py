"""Documents know the place and the source of every value."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.spec import syntax
from hwsim.spec.document import Source, load_document, parse_document
from hwsim.spec.errors import InputError

TEXT = """\
# a machine
name: chip
source: data sheet
parts:
  - name: spad
    capacity: {value: 24 MiB, source: section 2, note: rounded}
    ports: [1, 2]
  - name: dram
    energy: &e 1e-12
again: *e
"""


@pytest.fixture(params=["libyaml", "pure Python"])
def parser(request, monkeypatch):
    if request.param == "pure Python":
        monkeypatch.setattr(syntax, "_LOADER", yaml.SafeLoader)
    elif not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")


@pytest.fixture
def document(parser):
    return parse_document(TEXT, "chip.yaml")


def test_data_is_plain(document):
    spad = {"name": "spad", "capacity": "24 MiB", "ports": [1, 2]}
    dram = {"name": "dram", "energy": 1e-12}
    assert document.data == {"name": "chip", "source": "data sheet", "parts": [spad, dram], "again": 1e-12}


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ((), 2, 1),
        (("name",), 2, 7),
        (("parts",), 5, 3),
        (("parts", 0), 5, 5),
        (("parts", 0, "capacity"), 6, 23),
        (("parts", 0, "ports", 1), 7, 16),
        (("parts", 1, "name"), 8, 11),
        (("parts", 0, "ports", 7), 7, 12),
        (("parts", "spad", "ports"), 5, 3),
        (("nothing", "here"), 2, 1),
    ],
)
def test_position_of_value(document, path, line, column):
    position = document.position(path)
    assert (position.file, position.line, position.column) == ("chip.yaml", line, column)
    assert position.text == TEXT.splitlines()[line - 1]


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        (("parts",), 4, 1),
        (("parts", 0, "capacity"), 6, 5),
        (("again",), 10, 1),
        (("parts", 1), 8, 5),
        (("no",), 2, 1),
    ],
)
def test_position_of_key(document, path, line, column):
    position = document.key_position(path)
    assert (position.line, position.column) == (line, column)


def test_an_alias_stands_where_it_was_defined(document):
    assert document.position(("again",)) == document.position(("parts", 1, "energy"))
    assert document.position(("again",)).line == 9


def test_source_of_a_value_is_its_own_else_of_the_nearest_mapping(document):
    own = Source("section 2", "rounded")
    assert document.source_of(("parts", 0, "capacity")) == own
    assert str(own) == "section 2 (rounded)"
    assert document.source_of(("parts", 0, "ports", 1)) == Source("data sheet")
    assert document.sources == {("parts", 0, "capacity"): own}
    assert parse_document("a: 1", "f").source_of(("a",)) is None


def test_sources_come_in_the_order_of_the_file():
    text = "b: {value: 1, source: x}\na: [{value: 2, source: y}, {value: 3, source: z}]"
    assert list(parse_document(text, "f").sources) == [("b",), ("a", 0), ("a", 1)]


def test_value_at_a_path(document):
    assert document.value(("parts", 0, "ports")) == [1, 2]
    with pytest.raises(InputError, match=r"chip.yaml:4:1: the key 7 is missing"):
        document.value(("parts", 7, "ports"))


def test_hash_is_of_the_data_alone():
    one = parse_document("a: 1\nb: [x, 2.0]", "f.yaml")
    same = parse_document("# remark\nb: [{value: x, source: s}, 2.0]\na: 1", "g.yaml")
    other = parse_document("a: 1\nb: [x, 2]", "f.yaml")
    assert one.content_hash == same.content_hash != other.content_hash
    assert len(one.content_hash) == 64


def test_windows_line_ends_and_byte_order_mark(parser, tmp_path):
    file = tmp_path / "f.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    document = load_document(file)
    assert document.data == {"a": 1, "b": 2}
    assert document.position(("b",)).text == "b: 2"


def test_other_line_breaks_of_yaml_count_alike_in_message_and_parser(parser):
    document = parse_document("a: x\N{LINE SEPARATOR}b: 7", "f")
    if "b" in document.data:
        assert document.position(("b",)).text == "b: 7"


letters = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | letters,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(letters.filter(lambda key: key not in ("value", "<<")), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(json_values.filter(lambda data: data is not None), st.sampled_from([None, 2]))
def test_json_is_yaml(data, indent):
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    assert parse_document(text, "f").data == data


def test_fifteen_thousand_lines_load_fast():
    node = "  - name: op{i}\n    kind: conv\n    inputs: [a{i}, b{i}]\n    shape: [1, 64, 56, 56]\n"
    node += "    attributes:\n" + "".join(f"      key{n}: {n}\n" for n in range(11))
    text = "ops:\n" + "".join(node.replace("{i}", str(i)) for i in range(940))
    start = time.process_time()
    document = parse_document(text, "f")
    spent = time.process_time() - start
    assert len(document.data["ops"]) == 940
    assert spent < (1.5 if yaml.__with_libyaml__ else 15)  # measured 0.2 s with libyaml
