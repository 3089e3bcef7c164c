"""What is no YAML, or no YAML we take: the exact message, with the line and a caret."""

from __future__ import annotations

import textwrap

import pytest
import yaml

from hwsim.spec import syntax
from hwsim.spec.document import load_document, parse_document
from hwsim.spec.errors import InputError

CASES = {
    "duplicate key": (
        "rows: 1\ncols: 2\nrows: 3",
        """\
        f.yaml:3:1: the key 'rows' is here twice, first on line 1
            rows: 3
            ^""",
    ),
    "merge key": (
        "a: &x {b: 1}\nc: {<<: *x}",
        """\
        f.yaml:2:5: merge keys ('<<') are not supported; write the keys out
            c: {<<: *x}
                ^""",
    ),
    "number as key": (
        "a:\n  16: 2",
        """\
        f.yaml:2:3: a key must be text, got 16; quote it: '16'
              16: 2
              ^""",
    ),
    "nothing as key": (
        "a:\n  ?\n  : 2",
        """\
        f.yaml:2:4: a key must be text, got nothing; write a key before the ':'
              ?
               ^""",
    ),
    "list as key": (
        "? [a, b]\n: 1",
        """\
        f.yaml:1:3: a key must be text, not a list, mapping or alias; quote it
            ? [a, b]
              ^""",
    ),
    "tag": (
        "a: !!python/name:os.system",
        """\
        f.yaml:1:4: the tag 'tag:yaml.org,2002:python/name:os.system' is not supported; leave it out
            a: !!python/name:os.system
               ^""",
    ),
    "second document": (
        "a: 1\n---\nb: 2",
        """\
        f.yaml:2:1: a second document begins here; keep one document to a file
            ---
            ^""",
    ),
    "unknown alias": (
        "a: 1\nb: *c",
        """\
        f.yaml:2:4: the alias '*c' is not defined above
            b: *c
               ^""",
    ),
    "alias within itself": (
        "a: &x\n  b: [1, *x]",
        """\
        f.yaml:2:10: the alias '*x' stands inside what it repeats
              b: [1, *x]
                     ^""",
    ),
    "source without text": (
        "a: {value: 1, source: 3}",
        """\
        f.yaml:1:23: source must be a text that is not empty; quote it
            a: {value: 1, source: 3}
                                  ^""",
    ),
    "tab": (
        "a:\n\tb: 1",
        """\
        f.yaml:2:1: not valid YAML: a tab cannot indent; indent with spaces
             b: 1
            ^""",
    ),
    "colon in text": (
        "a: b: c",
        """\
        f.yaml:1:5: not valid YAML: mapping values are not allowed in this context; \
quote a text that holds ': ', and check the indentation
            a: b: c
                ^""",
    ),
    "percent sign": (
        "a: %x",
        """\
        f.yaml:1:4: not valid YAML: found character that cannot start any token; \
quote a text that begins with this character
            a: %x
               ^""",
    ),
    "open quote": (
        "a: 'x\n\n",
        """\
        f.yaml:1:6: not valid YAML: found unexpected end of stream; a quote is not closed
            a: 'x
                 ^""",
    ),
    "control character": (
        "a: \x1b[31m",
        "f.yaml:1:4: the character U+001B is not allowed in YAML; is it a binary file?",
    ),
    "long integer": (
        "a: " + "9" * 101,
        "f.yaml:1:4: a whole number of 101 digits is too long\n    a: " + "9" * 101 + "\n       ^",
    ),
    "empty": ("", "f.yaml:1:1: the file is empty; see 'hwsim new' for a starter"),
    "only remarks": ("# nothing\n", "f.yaml:1:1: the file is empty; see 'hwsim new' for a starter"),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.skipif(not yaml.__with_libyaml__, reason="the parser's own words are libyaml's")
def test_message(name):
    text, expected = CASES[name]
    with pytest.raises(InputError) as caught:
        parse_document(text, "f.yaml")
    assert str(caught.value) == textwrap.dedent(expected)


@pytest.mark.parametrize("name", CASES)
def test_the_pure_python_parser_refuses_the_same_on_the_same_line(name, monkeypatch):
    monkeypatch.setattr(syntax, "_LOADER", yaml.SafeLoader)
    text, expected = CASES[name]
    with pytest.raises(InputError) as caught:
        parse_document(text, "f.yaml")
    assert str(caught.value).split(":")[:2] == textwrap.dedent(expected).split(":")[:2]


@pytest.mark.parametrize(
    "deep", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000 + "x", "? " * 100_000 + "x"]
)
def test_depth_is_capped(deep):
    with pytest.raises(InputError, match=r"more than 64 levels of nesting|must be text, not a list"):
        parse_document(deep, "f")


def test_depth_below_the_cap_is_fine():
    assert parse_document("[" * 64 + "]" * 64, "f").data


def test_billion_laughs_are_capped():
    laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
    laughs += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    with pytest.raises(InputError, match=r"f:5:.*: aliases repeat more than 100000 values"):
        parse_document(laughs, "f")


def test_a_long_line_is_clipped_around_the_caret():
    text = "a: [" + "1, " * 500 + "{x: 1, x: 2}]"
    with pytest.raises(InputError) as caught:
        parse_document(text, "f")
    _, line, caret = str(caught.value).splitlines()
    assert len(line) <= 124
    assert line[caret.index("^") :].startswith("x: 2}]")


def test_binary_file(tmp_path):
    file = tmp_path / "weights.yaml"
    file.write_bytes(b"a: 1\nb: \xff\xd8\xff\xe0")
    with pytest.raises(InputError) as caught:
        load_document(file)
    expected = f"{file}:2:4: the file is not text: byte 0xff is not valid UTF-8; is it a binary file?"
    assert str(caught.value).startswith(expected)
