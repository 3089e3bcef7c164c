"""``--set a.b=v`` reaches any key of any entry, and says where it is wrong."""

from __future__ import annotations

import textwrap

import pytest

from hwsim.spec.document import Source, parse_document
from hwsim.spec.errors import InputError

DOCUMENT = parse_document(
    "parts:\n  - name: spad\n    capacity: {value: 24 MiB, source: paper}\n    ports: [1, 2]\n"
    "clock: 700 MHz\n",
    "f.yaml",
)


@pytest.mark.parametrize(
    ("path", "value", "where", "expected"),
    [
        ("clock", "1 GHz", ("clock",), "1 GHz"),
        ("parts.spad.capacity", "512KiB", ("parts", 0, "capacity"), "512KiB"),
        ("parts.0.capacity", "512KiB", ("parts", 0, "capacity"), "512KiB"),
        ("parts.spad.ports.1", "3", ("parts", 0, "ports", 1), 3),
        ("parts.spad.ports", "[4, 5, 6]", ("parts", 0, "ports"), [4, 5, 6]),
        ("parts.spad.banks", "{value: 8, source: mine}", ("parts", 0, "banks"), 8),
        ("parts.spad.leakage", "1e-3", ("parts", 0, "leakage"), 1e-3),
        ("clock", "null", ("clock",), None),
        ("clock", "'5'", ("clock",), "5"),
    ],
)
def test_value_replaces_what_was_there(path, value, where, expected):
    before = DOCUMENT.content_hash
    changed = DOCUMENT.with_override(path, value)
    assert changed.value(where) == expected
    assert changed.content_hash != before == DOCUMENT.content_hash


def test_place_and_source_are_the_command_line():
    changed = DOCUMENT.with_override("parts.spad.ports", "[4, 5]").with_override("parts.spad.banks", "8")
    position = changed.position(("parts", 0, "ports", 1))
    assert (position.file, position.line, position.column) == ("command line", 1, 28)
    assert position.text == "--set parts.spad.ports=[4, 5]"
    assert changed.source_of(("parts", 0, "ports", 1)) == Source("command line")
    assert changed.source_of(("parts", 0, "capacity")) == Source("paper")
    assert changed.key_position(("parts", 0, "banks")).column == 18
    assert changed.position(("clock",)) == DOCUMENT.position(("clock",))


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (
            "prts.spad",
            "1",
            """\
            command line:1:7: there is no key 'prts' here; did you mean 'parts'?
                --set prts.spad=1
                      ^""",
        ),
        (
            "parts.spd.capacity",
            "1",
            """\
            command line:1:13: there is no entry 'spd' in this list of 1; did you mean 'spad'?
                --set parts.spd.capacity=1
                            ^""",
        ),
        (
            "parts.spad.ports.2",
            "1",
            """\
            command line:1:24: there is no entry '2' in this list of 2; its entries are 0 to 1
                --set parts.spad.ports.2=1
                                       ^""",
        ),
        (
            "clock.max",
            "1",
            """\
            command line:1:13: there is nothing below the value '700 MHz', so no 'max'
                --set clock.max=1
                            ^""",
        ),
        (
            "clock.",
            "1",
            """\
            command line:1:13: an empty key; write --set key.key=value
                --set clock.=1
                            ^""",
        ),
        (
            "clock",
            "",
            """\
            command line:1:13: there is no value after '='; write null for no value
                --set clock=
                            ^""",
        ),
        (
            "clock",
            "{a: 1, a: 2}",
            """\
            command line:1:20: the key 'a' is here twice, first on line 1
                --set clock={a: 1, a: 2}
                                   ^""",
        ),
    ],
)
def test_message(path, value, expected):
    with pytest.raises(InputError) as caught:
        DOCUMENT.with_override(path, value)
    assert str(caught.value) == textwrap.dedent(expected)


@pytest.mark.parametrize("index", ["-1", "²", "1" * 5000, "0x0"])
def test_odd_indices(index):
    with pytest.raises(InputError, match="there is no entry"):
        DOCUMENT.with_override(f"parts.spad.ports.{index}", "1")


def test_endless_path():
    with pytest.raises(InputError, match="more than 64 steps"):
        DOCUMENT.with_override(".".join(["a"] * 100), "1")
