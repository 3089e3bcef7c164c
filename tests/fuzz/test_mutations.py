"""A damaged file gives an object or an InputError with a place, never anything else.

``benchmarks/fuzz.py`` does the same ten thousand times a file and prints the counts.
"""

from __future__ import annotations

import random

import pytest
from strategies.mutations import mutated
from strategies.shipped import READERS, shipped

from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError

MUTATIONS = 30


@pytest.mark.parametrize(("kind", "path"), shipped(), ids=lambda value: getattr(value, "stem", value))
def test_shipped(kind, path):
    text = path.read_text(encoding="utf-8")
    dice = random.Random(path.stem)
    refused = 0
    for _ in range(MUTATIONS):
        damaged = mutated(text, dice)
        try:
            READERS[kind](parse_document(damaged, path.name))
        except InputError as error:
            refused += 1
            assert error.message
    assert refused > MUTATIONS // 4
