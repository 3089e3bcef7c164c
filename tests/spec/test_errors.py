"""How an error is shown, and which known name is nearest."""

from __future__ import annotations

from hwsim.spec.errors import InputError, Position, did_you_mean, nearest, one_of


def test_line_and_caret():
    error = InputError("no", Position("f", 2, 3, "a\tb\x1bc"), "mend it")
    assert str(error) == "f:2:3: no; mend it\n    a b c\n      ^"
    assert str(InputError("no")) == "no"
    assert str(InputError("no", Position("f"))) == "f:1:1: no"


def test_place_is_given_once():
    error = InputError("no").at(Position("f", 2, 3))
    assert error.position == Position("f", 2, 3)
    assert error.at(Position("g")) is error


def test_nearest_whatever_the_case():
    assert nearest("ROWS", ["cols", "rows"]) == "rows"
    assert nearest("capcity", ["rows", "capacity"]) == "capacity"
    assert nearest("mul", ["add", "multiply"]) == "multiply"
    assert nearest("zzz", ["rows"]) is None
    assert nearest("x", []) is None


def test_long_lists_of_names_are_cut():
    hint = did_you_mean("zzz", (f"name{n:02}" for n in range(50)))
    assert hint.startswith("known: name00, name01")
    assert hint.endswith("name19 and 30 more")
    assert did_you_mean("zzz", []) == "nothing is known here"


def test_names_with_little_in_common_are_not_offered():
    assert nearest("sequence", ["source", "batch"]) is None
    assert did_you_mean("context", ["notes", "batch"]) == "known: batch, notes"


def test_one_of_several():
    assert one_of(["a.rows", "b.rows"]) == "did you mean 'a.rows' or 'b.rows'?"
    assert one_of([]) is None
