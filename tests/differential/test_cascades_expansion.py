"""The pass counts against the element-level expansion, on the reference cascades and on random ones."""

from __future__ import annotations

import os

import pytest
from einsum.expansion import Reference
from einsum.random_cascades import random_cascade

from hwsim.einsum.dependence import carried_ranks
from hwsim.einsum.passes import analyse
from hwsim.einsum.read import load_cascade
from hwsim.validation.references.cascades import SHIPPED

RANDOM_CASCADES = int(os.environ.get("HWSIM_RANDOM_CASCADES", "300"))
FILES = sorted(SHIPPED.glob("*.yaml"))


def assert_same_passes(cascade, carried=False):
    analysis, reference = analyse(cascade), Reference(cascade, carried)
    text = "\n".join(map(str, cascade.einsums))
    for tensor, ranks in cascade.tensor_ranks.items():
        for rank in dict.fromkeys((*ranks, *(cascade.families[r] for r in ranks if r in cascade.families))):
            ours = analysis.tensors[tensor][rank]
            expected = reference.passes(tensor, rank)
            assert (ours.direct, ours.lineage, ours.asap) == expected, f"{tensor} over {rank} in\n{text}"


@pytest.mark.parametrize("carried", [False, True], ids=["state-held", "state-expanded"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_reference_cascades(file, carried):
    assert_same_passes(load_cascade(file), carried)


def reads_state_of_others(cascade):
    """Whether an Einsum reads the earlier state of a tensor that it does not itself carry on."""
    return any(
        access.tensor in cascade.producers
        and access.tensor != einsum.output.tensor
        and carried_ranks(cascade, cascade.producers[access.tensor], access)
        for einsum in cascade.einsums
        for access in einsum.reads
    )


@pytest.mark.parametrize("part", range(10))
def test_random_cascades(part):
    for seed in range(part, RANDOM_CASCADES, 10):
        cascade = random_cascade(seed)
        assert_same_passes(cascade)
        if not reads_state_of_others(cascade):
            assert_same_passes(cascade, carried=True)
