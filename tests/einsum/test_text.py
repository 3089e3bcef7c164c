"""Text to object to text, and errors that say where and what was expected."""

from __future__ import annotations

import pytest
import yaml
from einsum.random_cascades import random_cascade
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.einsum.functions import MAP_FUNCTIONS
from hwsim.einsum.read import cascade_data, load_cascade, parse_cascade
from hwsim.einsum.statement import Einsum, Head
from hwsim.einsum.terms import (
    Access,
    Binary,
    Call,
    Fixed,
    Gather,
    Index,
    IndexValue,
    Last,
    Negative,
    Number,
    Shifted,
    Size,
    Window,
)
from hwsim.einsum.text.parse import parse_einsum
from hwsim.spec.errors import InputError
from hwsim.validation.references.cascades import SHIPPED

tensors = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,3}", fullmatch=True).filter(lambda name: name != "inf")
indices = st.from_regex(r"[a-z_][A-Za-z0-9_]{0,2}", fullmatch=True)
ranks = st.from_regex(r"[A-Z][A-Za-z0-9_]{0,2}", fullmatch=True)
offsets = st.integers(-99, 99).filter(bool)
plain_coords = (
    indices.map(Index)
    | st.builds(Shifted, indices, offsets)
    | st.builds(Window, indices, indices)
    | st.integers(0, 10**9).map(Fixed)
    | ranks.map(Last)
)
accesses = st.recursive(
    st.builds(Access, tensors, st.lists(plain_coords, max_size=3).map(tuple)),
    lambda inner: st.builds(Access, tensors, st.lists(inner.map(Gather), min_size=1, max_size=2).map(tuple)),
    max_leaves=3,
)
leaves = accesses | st.floats(0, allow_nan=False).map(Number) | ranks.map(Size) | indices.map(IndexValue)
calls = st.sampled_from(sorted(MAP_FUNCTIONS)).flatmap
expressions = st.recursive(
    leaves,
    lambda inner: (
        inner.map(Negative)
        | st.builds(Binary, st.sampled_from("+-*/"), inner, inner)
        | calls(lambda f: st.builds(Call, st.just(f), st.tuples(*[inner] * MAP_FUNCTIONS[f])))
    ),
    max_leaves=12,
)
heads = st.builds(
    Head, st.sampled_from(["sum", "max", "argmax", "topk", "top2"]), st.lists(indices, min_size=1).map(tuple)
)
einsums = st.builds(Einsum, accesses, expressions, st.none() | heads)


@settings(max_examples=150, deadline=None)
@given(einsums)
def test_object_to_text_to_object(einsum):
    assert parse_einsum(str(einsum)) == einsum
    assert str(parse_einsum(str(einsum))) == str(einsum)


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("AQkm01 [](),:=@+-*/.einfsumxp"), max_size=30))
def test_any_text_is_an_einsum_or_an_error_with_a_place(text):
    try:
        assert parse_einsum(str(parse_einsum(text))) == parse_einsum(text)
    except InputError as error:
        assert error.position is not None
        assert 1 <= error.position.column <= len(text) + 1


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_reference_cascades_come_back_to_the_letter(file):
    cascade = load_cascade(file)
    written = yaml.safe_load(file.read_text())
    assert [str(einsum) for einsum in cascade.einsums] == written["einsums"]
    assert parse_cascade(yaml.safe_dump(cascade_data(cascade), sort_keys=False)) == cascade


def test_cascade_to_yaml_to_cascade():
    for seed in range(50):
        cascade = random_cascade(seed)
        assert parse_cascade(yaml.safe_dump(cascade_data(cascade))) == cascade


ERRORS = [
    ("A[k = B[k]", 5, "expected ',' or ']', got '='"),
    ("A B", 3, "expected '[' or '=', got 'B'"),
    ("A[k] B", 6, "expected '=', got 'B'"),
    ("= 3", 1, "expected the tensor to be produced, got '='"),
    ("A[k] =  ", 7, "expected a tensor, a number, a function or '(', got the end of the Einsum"),
    ("A = (B", 7, "expected an operator or ')', got the end of the Einsum"),
    ("A = B C", 7, "expected an operator or the end of the Einsum, got 'C'"),
    ("A = B)", 6, "expected an operator or the end of the Einsum, got ')'"),
    ("A[] = B", 3, "expected a coordinate: an index, a whole number, a RANK or '@', got ']'"),
    ("A[k] = B[k+]", 12, "expected a whole number or an index, got ']'"),
    ("A[k] = B[k-j]", 12, "expected a whole number, got 'j'"),
    ("A[k] = B[1.5]", 10, "expected a whole number, got '1.5'"),
    ("A[k] = B[@]", 11, "expected the tensor that holds the coordinate, got ']'"),
    ("A = max(K): B[k]", 9, "expected an index, got 'K'; indices are lower case: 'k'"),
    ("A = max(3): B[k]", 9, "expected an index, got '3'"),
    ("A = summ(k): B[k]", 5, "unknown operator 'summ'; did you mean 'sum'?"),
    ("A[k] = sgmoid(B[k])", 8, "unknown function 'sgmoid'; did you mean 'sigmoid'?"),
    ("A[k] = max(B[k])", 8, "max takes 2 arguments, got 1"),
    ("A[k] = exp(B[k], 2)", 8, "exp takes 1 argument, got 2"),
    ("A = size(k)", 10, "expected a RANK, got 'k'; ranks are upper case: 'K'"),
    ("A = B[k] # no", 10, "unexpected character '#'"),
    ("A = " + "(" * 60 + "B" + ")" * 60, 46, "more than 40 levels of nesting"),
    ("A = " + "+".join(["B"] * 400), 603, "an Einsum has at most 600 words"),
]


@pytest.mark.parametrize(("text", "column", "message"), ERRORS)
def test_what_was_expected_and_where(text, column, message):
    with pytest.raises(InputError) as caught:
        parse_einsum(text)
    assert caught.value.position.column == column
    assert message in caught.value.render()


def test_an_operator_without_known_meaning_is_let_through():
    assert parse_einsum("A[k] = softmax(k): B[k]").head == Head("softmax", ("k",))


STYLES = {
    "plain": "  - Y = X[k] + Q[z",
    "single": "  - 'Y = X[k] + Q[z'",
    "double": '  - "Y = X[k] + Q[z"',
    "folded": "  - >\n    Y = X[k]\n    + Q[z\n",
    "literal": "  - |-\n    Y = X[k] + Q[z",
    "two lines": "  - Y = X[k]\n    + Q[z",
    "flow": "  [ 'Y = X[k] + Q[z' ]",
    "with a comment": "  - Y = X[k] + Q[z # why",
    "not the first": "  - A = X[k]\n  - 'Y = X[k] + Q[z'\n  - B = Y",
}


@pytest.mark.parametrize("style", STYLES)
def test_the_place_within_any_kind_of_yaml_scalar(style):
    """The text ends too early: the error stands right behind its last character, the z."""
    text = f"einsums:\n{STYLES[style]}\n"
    with pytest.raises(InputError, match="expected ',' or ']'") as caught:
        parse_cascade(text, "file.yaml")
    position = caught.value.position
    before = text[: text.index("z")].splitlines()
    assert (position.file, position.line) == ("file.yaml", len(before))
    assert position.column == len(before[-1]) + 2


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_the_caret_is_below_the_wrong_word(quote):
    text = f"inputs: {{X: [K]}}\neinsums:\n  - {quote}Y = X[k] * sgmoid(X[k]){quote}\n"
    with pytest.raises(InputError) as caught:
        parse_cascade(text, "file.yaml")
    shown, caret = caught.value.render().splitlines()[1:]
    assert shown[caret.index("^") :].startswith("sgmoid")


def test_a_head_that_yaml_takes_for_a_mapping():
    with pytest.raises(InputError, match="quote it") as caught:
        parse_cascade("inputs: {X: [K]}\neinsums:\n  - A = X[k]\n  - Y = max(k): X[k]\n")
    assert caught.value.position.line == 4
