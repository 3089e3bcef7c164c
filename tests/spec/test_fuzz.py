"""Whatever stands in a file, reading it gives an object or an InputError."""

from __future__ import annotations

import random

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwsim.spec import syntax
from hwsim.spec.document import load_document, parse_document
from hwsim.spec.errors import InputError
from hwsim.spec.model import validate

YAML_SOUP = st.text(
    st.sampled_from("ab:-?[]{},&*!|>'\"%@`#~.0123eExo \n\t<\\u\u2028\x85é\ufeff\ud800\x00"), max_size=60
)
SNIPPETS = (
    ": ",
    "- ",
    "&a ",
    "*a",
    "<<: ",
    "!!int ",
    "{",
    "]",
    "\t",
    "\n",
    "'",
    "null",
    ".nan",
    "-1e999",
    "9" * 120,
    "0 B",
)
SAME_FIXTURE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(params=[yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader, yaml.SafeLoader])
def parser(request, monkeypatch):
    monkeypatch.setattr(syntax, "_LOADER", request.param)


@settings(SAME_FIXTURE, max_examples=400)
@given(YAML_SOUP)
def test_soup(parser, text):
    _survives(lambda: parse_document(text, "f"))


@settings(SAME_FIXTURE, max_examples=150)
@given(st.binary(max_size=40))
def test_bytes(tmp_path, content):
    file = tmp_path / "f"
    file.write_bytes(content)
    _survives(lambda: load_document(file))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=20), YAML_SOUP)
def test_overrides(path, value):
    document = parse_document("a: {b: [1, {name: x, c: 2}]}", "f")
    _survives(lambda: document.with_override(path, value))
    _survives(lambda: document.with_override("a.b.x.c", value))


@pytest.mark.parametrize("seed", range(4))
def test_mutations(chip, chip_yaml, seed):
    dice = random.Random(seed)
    outcomes = [
        _survives(lambda: validate(chip, parse_document(_mutated(chip_yaml, dice), "f"))) for _ in range(250)
    ]
    refused = [error for error in outcomes if error]
    assert len(refused) > 50
    assert all(error.position and error.position.line <= 40 for error in refused)


def _mutated(text: str, dice: random.Random) -> str:
    """``text`` with one to three places cut, repeated, overwritten or moved."""
    for _ in range(dice.randint(1, 3)):
        start, end = sorted(dice.randrange(len(text) + 1) for _ in range(2))
        end = min(end, start + 12)
        piece = dice.choice(
            [*SNIPPETS, chr(dice.randrange(1, 300)), text[start:end] * 2, "", text[end : end + 9]]
        )
        text = text[:start] + piece + text[end:]
    return text


def _survives(action) -> InputError | None:
    try:
        action()
    except InputError as error:
        assert error.message
        assert str(error)
        return error
    return None
