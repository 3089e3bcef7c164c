from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.spec.errors import InputError
from hwsim.spec.ini import read_ini

TEXT = """\
# a comment
[general]
run_name = "a b"\t
[Architecture_Presets]
  ArrayHeight:    32
; another
Dataflow : ws
empty =
"""


@pytest.fixture
def read(tmp_path):
    """Reads a text as an INI file."""

    def read(text):
        path = tmp_path / "f.cfg"
        path.write_text(text)
        return read_ini(path)

    return read


def test_values_and_their_places(read, tmp_path):
    ini = read(TEXT)
    entry = ini.get("architecture_presets", "arrayheight")
    assert (entry.key, entry.value, entry.count()) == ("ArrayHeight", "32", 32)
    assert str(entry.position) == f"{tmp_path / 'f.cfg'}:5:19"
    assert ini.get("general", "run_name").value == '"a b"'
    assert ini.get("architecture_presets", "Dataflow").one_of("os", "WS") == "WS"
    assert ini.get("architecture_presets", "empty").value == ""
    assert ini.find("general", "none") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("key = 1\n", ":1:1: a value before the first [section]"),
        ("[a]\nwhat\n", ":2:1: neither '[section]' nor 'key = value'"),
        ("[a]\nk = 1\nK: 2\n", ":3:1: the key 'K' comes twice, the first time in line 2"),
    ],
)
def test_a_line_that_is_wrong(read, text, says):
    with pytest.raises(InputError) as error:
        read(text)
    assert says in str(error.value)


def test_what_is_missing_names_the_nearest(read):
    ini = read(TEXT)
    with pytest.raises(InputError, match=r"the section \[genral\] is missing; did you mean 'general'"):
        ini.get("genral", "run_name")
    with pytest.raises(
        InputError, match=r":4:1: the key 'ArrayHeigth' is missing in section .*; add it below"
    ):
        ini.get("architecture_presets", "ArrayHeigth")


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "", "x", "９", "1" * 30])
def test_what_is_no_count(read, value):
    with pytest.raises(InputError, match="is not a whole number of at least 1"):
        read(f"[a]\nk = {value}\n").get("a", "k").count()


@given(text=st.text("[]=:#; ab\n\t\u2028", max_size=40))
def test_soup_is_read_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("soup") / "f.cfg"
    path.write_text(text)
    try:
        read_ini(path)
    except InputError as error:
        assert error.position
