"""Nonsense is refused, with its place and the offending Einsum."""

from __future__ import annotations

import random
import re

import pytest

from hwsim.einsum.passes import analyse
from hwsim.einsum.read import parse_cascade
from hwsim.spec.errors import InputError
from hwsim.validation.references.cascades import SHIPPED

HEADER = """
inputs:
  Q: [E, P]
  K: [E, M]
  V: [F, M]
  X: [T, D]
  I: [P]
  S: []
iterative: [T]
einsums:
"""
# Einsums, which of them is at fault (from 1), the word the caret stands below, the message
BAD = {
    "unknown tensor": (["A[m,p] = Q[e,p] * KK[e,m]"], 1, "KK", "unknown tensor 'KK'"),
    "unknown rank": (["A[m,z] = Q[e,z] * K[e,m]"], 1, "z] * K", "unknown rank Z"),
    "unknown window rank": (["A[p] = I[p+r]"], 1, "p+r", "unknown rank R"),
    "unknown rank of size": (["A[p] = I[p] / size(Z)"], 1, "size", "unknown rank Z"),
    "wrong rank": (["A[m,p] = Q[p,e] * K[e,m]"], 1, "p,e", "shape mismatch"),
    "too few coordinates": (["A[p] = Q[p]"], 1, "Q", "shape mismatch: tensor Q carries E, P"),
    "coordinates of a scalar": (["A[p] = I[p] * S[p]"], 1, "S[p]", "shape mismatch: tensor S has no ranks"),
    "produced twice": (["A[p] = I[p]", "A[p] = 2 * I[p]"], 2, "A", "tensor A is produced twice"),
    "initialised twice": (
        ["A[0,d] = 0", "A[0,d] = 1", "A[t+1,d] = A[t,d] + X[t,d]"],
        2,
        "A",
        "tensor A is produced twice",
    ),
    "input produced": (["Q[e,p] = 2 * Q[e,p]"], 1, "Q", "tensor Q is an input"),
    "read before produced": (
        ["A[p] = B[p]", "B[p] = I[p]"],
        1,
        "B",
        "tensor B is read before it is produced",
    ),
    "state read before it is complete": (
        ["R[d] = B[t,d]", "B[t+1,d] = B[t,d] + X[t,d]"],
        1,
        "B",
        "tensor B is read before it is produced",
    ),
    "initialised late": (
        ["A[t+1,d] = A[t,d] + X[t,d]", "A[0,d] = 0"],
        1,
        "A[t,d]",
        "tensor A is read before it is produced",
    ),
    "only initialised": (["A[0,d] = 0"], 1, "A", "tensor A is initialised but nothing produces it"),
    "initialised at other ranks": (["A[0,e] = 0", "A[t+1,d] = A[t,d] + X[t,d]"], 1, "e]", "carries D, not E"),
    "initialised with other arity": (["A[0] = 0", "A[t+1,d] = A[t,d] + X[t,d]"], 1, "A", "shape mismatch"),
    "unbound index": (["A[p,q] = I[p]"], 1, "q", "nothing on the right binds index q"),
    "unbound by a constant": (["A[p] = 1"], 1, "p]", "nothing on the right binds index p"),
    "unbound in the head": (["A = max(m): I[p]"], 1, "max", "the head combines index m"),
    "unbound value": (["A[p] = I[p] * coord(m)"], 1, "coord", "coord(m) needs index m"),
    "index twice on the left": (["A[p,p] = I[p]"], 1, "p] =", "index p is twice on the left"),
    "gather on the left": (["A[@I[p]] = I[p]"], 1, "@", "this coordinate cannot be produced"),
    "window on the left": (["A[p+m] = Q[e,p] * K[e,m]"], 1, "p+m", "this coordinate cannot be produced"),
    "last of a rank not iterative": (["A[e] = Q[e,P]"], 1, "P]", "rank P has no last coordinate"),
    "last of another rank": (["A[e] = Q[e,T]"], 1, "T]", "shape mismatch: this coordinate is over T"),
    "itself": (["A[p] = A[p] + I[p]"], 1, "A[p] +", "cyclic dependence"),
    "itself along a rank not iterative": (["A[p+1] = A[p] + I[p]"], 1, "A[p] +", "cyclic dependence"),
    "each other": (["A[p] = B[p]", "B[p] = A[p] + I[p]"], 1, "B", "cyclic dependence"),
    "state summed within its own walk": (
        ["B[0] = 0", "A = B[t]", "B[t+1] = B[t] + A * X[t,d]"],
        2,
        "B[t]",
        "cyclic dependence",
    ),
    "state after the walk within the walk": (
        ["B[0] = 0", "B[t+1] = B[t] + B[T] * X[t,d]"],
        2,
        "B[T]",
        "cyclic dependence",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_einsums_that_make_no_sense(name):
    einsums, number, word, message = BAD[name]
    text = HEADER + "".join(f'  - "{einsum}"\n' for einsum in einsums)
    with pytest.raises(InputError) as caught:
        parse_cascade(text, "file.yaml")
    error = caught.value
    assert message in error.message
    assert einsums[number - 1] in error.message or name.startswith("unknown rank of size")
    assert error.exit_status == 2
    line = text.splitlines()[error.position.line - 1]
    assert line == error.position.text == f'  - "{einsums[number - 1]}"'
    assert line[error.position.column - 1 :].startswith(word)


DECLARATIONS = {
    "partitions: {M: [M1, M0]}\ninputs: {K: [E, M]}": "tensor K carries M, which is split into M1, M0",
    "partitions: {M: [M1, M0]}\ninputs: {K: [E, M1]}": "family M is partly used: no tensor carries M0",
    "partitions: {M: [M1, M0], P: [M0]}\ninputs: {K: [E, M1, M0]}": "rank M0 is a leaf twice",
    "partitions: {M: [M1, M1]}\ninputs: {K: [E, M1]}": "rank M1 is a leaf twice",
    "partitions: {M: [M1, N], N: [N1]}\ninputs: {K: [E, M1]}": "N is a family and a leaf of M",
    "partitions: {M: []}\ninputs: {K: [E]}": "family M has no leaves",
    "partitions: {M: [M1, m0]}\ninputs: {K: [E, M1]}": "'m0' cannot be the name of a rank",
    "inputs: {K: [E]}\niterative: [T]": "iterative names T, a rank that no tensor carries",
    "inputs: {K: [E]}\niterative: [E, E]": "iterative names E twice",
    "partitions: {M: [M1, M0]}\ninputs: {K: [E, M1, M0]}\niterative: [M]": "names M, which is split",
    "inputs: {K: [E]}\nindex_ranks: {q: P}": "index q runs over P, a rank that no tensor carries",
    "inputs: {K: [E]}\nindex_ranks: {Q: E}": "'Q' cannot be the name of an index",
    "inputs: {2K: [E]}": "'2K' cannot be the name of a tensor",
    "inputs: {K: [e]}": "'e' cannot be the name of a rank",
    "inputs: {K: [E]}\niterativ: [E]": "unknown key 'iterativ'",
}


@pytest.mark.parametrize("declarations", DECLARATIONS)
def test_declarations_that_make_no_sense(declarations):
    with pytest.raises(InputError) as caught:
        parse_cascade(
            f"{declarations}\neinsums: ['Y[e] = K[e]']\n".replace("'Y[e] = K[e]'", _use(declarations))
        )
    assert DECLARATIONS[declarations] in caught.value.message
    assert caught.value.position is not None


def _use(declarations):
    ranks = declarations.split("K: [")[1].split("]")[0].split(", ")
    return f"'Y[e] = K[{','.join(rank.lower() for rank in ranks)}]'"


def test_a_family_used_whole():
    text = "partitions: {M: [M1, M0]}\ninputs: {K: [E, M1, M0]}\neinsums: ['Y[e] = K[e,m1,m]']\n"
    with pytest.raises(InputError, match="rank M is split and cannot be used whole") as caught:
        parse_cascade(text)
    assert "use m1, m0" in caught.value.render()


def test_an_index_over_a_rank_of_another_name():
    text = "inputs: {Q: [E, P]}\nindex_ranks: {q: P}\neinsums: ['A[p,q] = Q[e,p] * Q[e,q]']\n"
    assert parse_cascade(text).tensor_ranks["A"] == ("P", "P")


@pytest.mark.parametrize(
    "einsums",
    [
        ["A[t,d] = A[t-1,d] + X[t,d]"],
        ["B[t,d] = A[t,d]", "A[t+1,d] = B[t,d] + X[t,d]"],
        ["A[0,d] = 0", "B[d] = A[0,d]", "A[t+1,d] = A[t,d] + B[d] * X[t,d]"],
        ["A[0,d] = X[0,d]", "A[1,d] = X[1,d]", "A[t+2,d] = A[t+1,d] + A[t,d]"],
        ["B[p] = I[p-1] + I[p+1]", "C[p] = B[p-1]"],
        ["B[e] = Q[e,@I[p]]"],
    ],
)
def test_unusual_but_sensible(einsums):
    parse_cascade(HEADER + "".join(f'  - "{einsum}"\n' for einsum in einsums))


def mutated(text, rng):
    """``text`` with a word replaced by another, left out, or broken."""
    words = list(re.finditer(r"[A-Za-z0-9_]+|[^\sA-Za-z0-9_]", text))
    word = rng.choice(words)
    other = rng.choice([rng.choice(words)[0], "", rng.choice("[](),:=@+-*/ 0kKmM1") + word[0]])
    return text[: word.start()] + other + text[word.end() :]


def test_any_mutation_is_a_cascade_or_an_error_with_a_place():
    texts = [file.read_text().partition("expect:")[0] for file in sorted(SHIPPED.glob("*.yaml"))]
    rng, sensible = random.Random(5), 0
    for _ in range(250):
        text = mutated(rng.choice(texts), rng)
        try:
            analyse(parse_cascade(text))
            sensible += 1
        except InputError as error:
            assert error.position is not None
    assert 20 < sensible < 230
