from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from hwsim.explore.best_nest import CACHE, Question, best_nest
from hwsim.mapping.loopnest.einsum import problem_of, sizes_of
from hwsim.report.mapper_question import Asked, answer_of
from hwsim.spec.errors import InputError
from hwsim.validation.mappers.machines import FOLDER

PRODUCT, SIZES = "C[m,n]=A[m,k]*B[k,n]", "m=96,n=80,k=64"
MACHINE = str(FOLDER / "mini_tpu_64KiB.yaml")


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch, tmp_path):
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))


def _rules(tmp_path, text) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    return path


def test_an_einsum_is_read_with_its_windows():
    problem = problem_of("O[k,p]=I[c,2p+3*r]*W[k,c,r]", {"k": 4, "c": 3, "p": 5, "r": 2})
    assert problem.tensor("I").dimensions == ((("c", 1),), (("p", 2), ("r", 3)))
    assert problem.output.name == "O"


@pytest.mark.parametrize(
    ("einsum", "sizes", "message"),
    [
        ("C=A*B", "m=1", "no Einsum of two operands"),
        ("C[m]=A[m,k]*B[k]", "m=4", "no size for k"),
        ("C[m]=A[m,k]*B[k]", "m=4,k=2,j=3", "has no rank 'j'"),
        ("C[m]=A[m,k]*B[k]", "m=4,k=2,m=3", "'m' has two sizes"),
        ("C[m]=A[m,k]*B[k]", "m=0,k=2", "no size of a rank"),
        ("C[m]=A[m,0k]*B[k]", "m=1,k=2", "no coordinate"),
        ("C[2m]=A[m,k]*B[k]", "m=1,k=2", "output C has a coordinate"),
    ],
)
def test_what_is_no_einsum_is_said(einsum, sizes, message):
    with pytest.raises(InputError, match=message):
        problem_of(einsum, sizes_of(sizes))


def test_the_second_answer_comes_from_the_disk_and_is_the_same(tmp_path):
    question = Question(PRODUCT, SIZES, MACHINE, "edp")
    first = best_nest(question)
    begun = time.perf_counter()
    again = best_nest(question)
    assert time.perf_counter() - begun < 0.1
    assert json.loads(json.dumps(first)) == again
    assert len(list((tmp_path / "cache" / "mapper").iterdir())) == 1
    assert first["proved"]
    assert first["gap"] == 0
    assert best_nest(Question(PRODUCT, SIZES, MACHINE, "energy"))["objective"] == "energy"


def test_out_of_time_the_gap_is_told_and_nothing_is_remembered(tmp_path):
    hurried = best_nest(Question(PRODUCT, "m=1024,n=1024,k=1024", MACHINE, "energy", time_limit_s=0.05))
    full = best_nest(Question(PRODUCT, "m=1024,n=1024,k=1024", MACHINE, "energy"))
    assert full["proved"]
    assert hurried["lower_bound"] <= full["value"] <= hurried["value"]
    if not hurried["proved"]:
        assert hurried["gap"] > 0
        assert len(list((tmp_path / "cache" / "mapper").iterdir())) == 1


def test_rules_are_kept(tmp_path):
    free = best_nest(Question(PRODUCT, SIZES, MACHINE, "energy"))
    rules = _rules(tmp_path, "keep: {GLB: [A, B]}\nbypass: {GLB: [C]}\nunroll: {PE.reuse_output: [k]}\n")
    found = best_nest(Question(PRODUCT, SIZES, MACHINE, "energy", rules))
    kept = [line.split()[1].strip(":") for line in found["nest"] if "[GLB]" in line]
    assert sorted(kept) == ["A", "B"]
    assert found["energy_j"] >= free["energy_j"]
    assert not any("PE.reuse_output" in line and " k " not in line for line in found["nest"])


def test_a_whole_nest_is_evaluated_as_it_stands(tmp_path):
    text = """nest:
  - {store: A, in: DRAM}
  - {store: B, in: DRAM}
  - {store: C, in: DRAM}
  - {for: m, tile: 32}
  - {store: A, in: GLB}
  - {store: B, in: GLB}
  - {for: k, tile: 2, along: PE.reuse_output}
  - {for: n, tile: 3, along: PE.reuse_input}
  - {store: B, in: WReg}
  - {for: k}
  - {for: m}
  - {for: n}
"""
    found = best_nest(Question(PRODUCT, SIZES, MACHINE, "energy", _rules(tmp_path, text)))
    assert found["searched"] is False
    assert found["bits_moved"]["DRAM/A/read"] == 8 * 96 * 64
    assert found["bits_moved"]["DRAM/B/read"] == 8 * 64 * 80
    assert found["energy_j"] >= best_nest(Question(PRODUCT, SIZES, MACHINE, "energy"))["energy_j"]
    with pytest.raises(InputError, match="the loops leave tiles"):
        short = text.replace("  - {for: n}\n", "")
        best_nest(Question(PRODUCT, SIZES, MACHINE, "energy", _rules(tmp_path, short)))
    with pytest.raises(InputError, match=r"keeps [0-9,]+ bits in GLB, which has"):
        large = _rules(tmp_path, text.replace("tile: 32}", "tile: 2000}"))
        best_nest(Question(PRODUCT, "m=3000,n=80,k=64", MACHINE, "energy", large))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("keep: {GBL: [A]}", r"1:13: there is no memory .* 'GBL'.*did you mean 'GLB'"),
        ("keep: {GLB: [D]}", r"1:14: there is no tensor 'D'"),
        ("keep: {GLB: [A]}\nbypass: {GLB: [A]}", "has to keep A and lets it pass by"),
        ("keep: {WReg: [A]}", "WReg holds no input"),
        ("unroll: {PE.rows: [k]}", "there is no array"),
        ("unroll: {PE.reuse_input: [q]}", "there is no rank 'q'"),
        ("nest:\n  - {store: A}", "a node is a storage or a loop"),
        ("nest:\n  - {for: z}", "there is no rank 'z'"),
        ("nest:\n  - {for: m, tile: 1, along: PE.reuse_input}", "need more than 32 places"),
    ],
)
def test_rules_that_cannot_be_kept_are_placed(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as caught:
        best_nest(Question(PRODUCT, SIZES, MACHINE, "energy", _rules(tmp_path, text)))
    assert caught.value.position is not None


def test_nothing_fits_says_what_lacks(tmp_path):
    small = Path(MACHINE).read_text().replace("524288 bit", "16 bit")
    machine = tmp_path / "small.yaml"
    machine.write_text(small)
    rules = _rules(tmp_path, "keep: {GLB: [A, B, C]}")
    with pytest.raises(InputError, match=r"GLB has 16 bits, .*\(A, B, C\) takes 24.*needs 24 bits"):
        best_nest(Question(PRODUCT, SIZES, str(machine), "energy", rules))


@pytest.mark.parametrize("arch", ["tpu_v1", "eyeriss", "edge_npu", "gemmini_default"])
def test_machines_of_the_library_are_searched(arch):
    found = best_nest(Question(PRODUCT, SIZES, arch, "energy"))
    assert found["proved"]
    assert found["macs"] == 96 * 80 * 64
    assert all(held["taken"] <= (held["capacity"] or 1e30) for held in found["bits_held"].values())


CHAIN = "S[m,n]=Q[m,e]*K[e,n]; O[m,f]=S[m,n]*V[n,f]; P[m,g]=O[m,f]*W[f,g]"


def test_a_series_of_einsums_is_fused_where_that_is_better():
    found = best_nest(Question(CHAIN, "m=64,n=64,e=16,f=16,g=16", MACHINE, "energy"))
    assert [each["einsum"] for each in found["einsums"]] == ["S", "O", "P"]
    assert any(each["fused"] for each in found["einsums"])
    assert sum(each["energy_j"] for each in found["einsums"]) == pytest.approx(found["value"])
    assert found["value"] < found["apart"]


@pytest.mark.parametrize(
    ("einsum", "objective", "message"),
    [
        ("S[m,n]=Q[m,e]*K[e,n]; O[m,f]=T[m,n]*V[n,f]", "energy", "O does not take S"),
        (CHAIN, "edp", "for one figure"),
    ],
)
def test_what_is_no_series_is_said(einsum, objective, message):
    with pytest.raises(InputError, match=message):
        best_nest(Question(einsum, "m=8,n=8,e=4,f=4,g=4", MACHINE, objective))


def _asked(**options):
    none = dict.fromkeys(("m", "n", "k", "capacity", "einsum", "machine", "rules", "bits", "time_limit"))
    return Asked(**(none | {"sizes": "", "objective": "energy", "slope": False} | options))


def test_the_command_tells_its_questions_apart():
    assert answer_of(_asked(m=4, n=4, k=4, capacity=20))[0] == "optimum"
    kind, _, found = answer_of(_asked(m=4, n=4, k=4, slope=True))
    assert kind == "slope"
    assert found["slope"][-1]["words"] == 48
    assert answer_of(_asked(einsum=PRODUCT, sizes=SIZES, machine=MACHINE))[0] == "nest"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "lacks --m, --n, --k"),
        ({"m": 1, "n": 1, "k": 1}, "no machine is given"),
        ({"m": 1, "n": 1, "k": 1, "einsum": PRODUCT, "machine": MACHINE}, "both --einsum and a product"),
        ({"einsum": PRODUCT, "sizes": SIZES, "machine": MACHINE, "objective": "enrgy"}, "no objective"),
        ({"einsum": PRODUCT, "sizes": SIZES, "machine": "tpu_v11"}, "tpu_v1"),
        ({"m": 9**9, "n": 1, "k": 1, "machine": MACHINE}, "rank m has more than 131,072 elements"),
    ],
)
def test_a_question_that_is_none_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        answer_of(_asked(**options))
