"""Passes, and the chains that force them."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from einsum.random_cascades import random_cascade

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.checks.whole import checked
from hwsim.einsum.dependence import edges
from hwsim.einsum.evidence import barrier_chain, evidence
from hwsim.einsum.passes import analyse
from hwsim.einsum.read import load_cascade, parse_cascade
from hwsim.einsum.text.parse import parse_einsum
from hwsim.spec.library import find


def passes(einsums):
    text = "inputs: {X: [K], Z: [K, P], I: []}\neinsums:\n" + "".join(
        f"  - '{einsum}'\n" for einsum in einsums
    )
    return analyse(parse_cascade(text))


def test_a_populate_head_completes_its_fiber():
    found = passes(["G[k] = topk(k): X[k]", "Y[k] = G[k] * X[k]"])
    assert found.tensors["X"]["K"].as_json() == {
        "direct": 2,
        "lineage": 2,
        "asap": 2,
        "footprint": "O(rank)",
    }
    assert found.passes["K"] == 2


def test_a_reduction_over_another_rank_is_no_barrier():
    assert passes(["S[p] = Z[k,p]", "Y[k,p] = Z[k,p] * S[p]"]).passes == {"K": 2, "P": 1}


def test_an_input_that_nobody_reads_is_never_visited():
    found = passes(["Y[k] = X[k]"]).tensors["Z"]["K"]
    assert (found.direct, found.lineage, found.asap, found.footprint) == (0, 0, 0, "O(1)")


def test_fixed_reads_are_no_visits():
    found = passes(["S = sum(k): X[k]", "Y = S * X[0]"])
    assert found.tensors["X"]["K"].direct == 1


def test_an_initialisation_visits_what_it_reads():
    einsums = "['S[0,d] = H[d]', 'S[t+1,d] = S[t,d] + X[t,d]']"
    text = f"inputs: {{H: [D], X: [T, D]}}\niterative: [T]\neinsums: {einsums}"
    found = analyse(parse_cascade(text))
    assert found.tensors["H"]["D"].direct == 1


def test_the_chain_of_stable_attention():
    cascade = load_cascade(find("cascade", "attention_3pass"))
    chain = evidence(analyse(cascade))["M"]
    shown = [(cascade.einsums[s.position].output.tensor, s.number, s.complete) for s in chain.steps]
    assert chain.tensor == "K"
    assert shown == [
        ("QK", 1, ()),
        ("GM", None, ("M",)),
        ("SN", 2, ()),
        ("SD", None, ("M",)),
        ("A", 3, ()),
    ]


def test_every_chain_is_a_path_that_covers_the_rank_between_passes():
    for seed in range(60):
        cascade = random_cascade(seed)
        analysis = analyse(cascade)
        known = {(edge.source, edge.target): set() for edge in edges(cascade)}
        for edge in edges(cascade):
            known[edge.source, edge.target] |= edge.barrier
        for tensor, by_rank in analysis.tensors.items():
            for rank, found in by_rank.items():
                steps = barrier_chain(cascade, tensor, rank).steps
                begins = [step.number for step in steps if step.number]
                assert begins == list(range(1, found.lineage + 1))
                covered = set()
                for step, following in pairwise(steps):
                    assert set(step.complete) <= known[step.position, following.position]
                    covered |= set(step.complete)
                    if following.number:
                        assert covered == cascade.leaves_of(tensor, rank)
                        covered = set()


def normalisations(count):
    einsums = []
    for layer in range(count // 2):
        einsums.append(f"S{layer}[t] = sum(k): X{layer}[t,k]")
        einsums.append(f"X{layer + 1}[t,k] = X{layer}[t,k] * S{layer}[t]")
    return Cascade("layers", {"X0": ("T", "K")}, tuple(map(parse_einsum, einsums)))


def test_five_hundred_einsums_in_a_second():
    start = time.perf_counter()
    found = analyse(checked(normalisations(500)))
    assert time.perf_counter() - start < 1
    assert found.passes == {"T": 1, "K": 251}


@pytest.mark.parametrize("layers", [1, 7])
def test_each_layer_adds_its_passes(layers):
    assert analyse(checked(normalisations(2 * layers))).passes["K"] == layers + 1
