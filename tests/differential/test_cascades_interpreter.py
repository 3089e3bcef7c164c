"""The array interpreter against the scalar one: reference cascades, the library, random cascades."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from einsum.random_cascades import random_cascade
from einsum.scalar import ScalarInterpreter

from hwsim.einsum.checks.whole import checked
from hwsim.einsum.interpreter.run import run_cascade
from hwsim.einsum.read import load_cascade
from hwsim.einsum.terms import Gather
from hwsim.spec.library import names
from hwsim.validation.references.cascades import SHIPPED

FILES = (*sorted(SHIPPED.glob("*.yaml")), *(entry.path for entry in names("cascade")))
RANDOM_CASCADES = 200


def assert_same_values(cascade, rng):
    sizes = {rank: int(rng.integers(2, 5)) for rank in cascade.ranks}
    pointers = {
        coord.access.tensor: sizes[rank]
        for einsum in cascade.einsums
        for access in einsum.reads
        for rank, coord in zip(cascade.tensor_ranks[access.tensor], access.coords, strict=True)
        if isinstance(coord, Gather) and coord.access.tensor in cascade.inputs
    }
    inputs = {}
    for tensor, ranks in cascade.inputs.items():
        shape = tuple(sizes[rank] for rank in ranks)
        inputs[tensor] = rng.integers(0, pointers[tensor], shape) if tensor in pointers else rng.random(shape)
    computed = run_cascade(cascade, inputs, sizes)
    scalar = ScalarInterpreter(cascade, inputs, sizes)
    for tensor, values in computed.items():
        elements = itertools.product(*(range(extent) for extent in np.shape(values)))
        expected = np.array([scalar.element(tensor, coords) for coords in elements]).reshape(np.shape(values))
        np.testing.assert_allclose(
            values, expected, rtol=1e-8, atol=1e-8, err_msg=f"{tensor} in {cascade.name}"
        )


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_files(file):
    assert_same_values(load_cascade(file), np.random.default_rng(1))


def with_top2(cascade):
    """``topk`` says not how many; here it keeps two."""
    einsums = tuple(
        dataclasses.replace(einsum, head=dataclasses.replace(einsum.head, operator="top2"))
        if einsum.head and einsum.head.operator == "topk"
        else einsum
        for einsum in cascade.einsums
    )
    return checked(dataclasses.replace(cascade, einsums=einsums))


def gathers_by_data(cascade):
    return any(
        isinstance(coord, Gather) and coord.access.tensor not in ("I", "S")
        for einsum in cascade.einsums
        for access in einsum.reads
        for coord in access.coords
    )


@pytest.mark.parametrize("part", range(4))
def test_random_cascades(part):
    for seed in range(part, RANDOM_CASCADES, 4):
        cascade = random_cascade(seed)
        if not gathers_by_data(cascade):
            assert_same_values(with_top2(cascade), np.random.default_rng(seed))


def test_gather_by_computed_index():
    rng = np.random.default_rng(2)
    cascade = load_cascade(SHIPPED / "argmax_gather.yaml")
    x, table = rng.random(7), rng.random((7, 3))
    computed = run_cascade(cascade, {"X": x, "EMB": table})
    assert computed["I"] == x.argmax()
    np.testing.assert_array_equal(computed["Y"], table[x.argmax()])
    assert computed["S"] == x.max()
