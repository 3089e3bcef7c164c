"""The engines against each other and against the proven optima."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from schedule.random_graphs import COSMA, cosma

from hwsim.schedule.adapter import ask, is_installed
from hwsim.schedule.allocation import Status
from hwsim.schedule.ilp import write_lp
from hwsim.schedule.indexed import index_problem
from hwsim.schedule.solve import SolveOptions, Solver, solve
from hwsim.validation.references.cosma import compare

needs = {
    engine: pytest.mark.skipif(not is_installed(engine), reason=f"{engine} is not installed")
    for engine in ("cpsat", "highs")
}


@needs["cpsat"]
def test_all_proven_optima_are_proved_again() -> None:
    comparison = compare(COSMA)
    assert comparison.failed == 0
    assert len(comparison.rows) == 4 * 35


@pytest.mark.parametrize("name", ["tiny_1", "tiny_3", "densenet_5_mr", "randwire_12_mr", "frag_1"])
@pytest.mark.parametrize("solver", [pytest.param(Solver(name), marks=mark) for name, mark in needs.items()])
def test_the_solvers_agree_with_the_search(name: str, solver: Solver) -> None:
    if (name, solver) == ("frag_1", Solver.HIGHS):
        pytest.skip("big-M addresses take HiGHS minutes here")
    problem = cosma(name)
    theirs, ours = solve(problem, SolveOptions(solver, 30)), solve(problem)
    assert theirs.status is ours.status is Status.OPTIMAL
    assert theirs.noncompulsory_bytes == ours.noncompulsory_bytes


@needs["highs"]
def test_the_linear_program_with_addresses_is_exact() -> None:
    reply = ask(index_problem(cosma("tiny_2")), "highs", addresses=True, time_limit_s=30)
    assert (reply.status, reply.objective_bytes, reply.bound_bytes) == ("optimal", 512, 512)


@needs["cpsat"]
def test_nothing_below_the_optimum_is_proved_as_such() -> None:
    reply = ask(index_problem(cosma("tiny_2")), "cpsat", addresses=True, time_limit_s=30, ceiling_bytes=512)
    assert (reply.status, reply.bound_bytes) == ("infeasible", 512)


@needs["highs"]
def test_a_time_limit_never_passes_for_optimal() -> None:
    reply = ask(index_problem(cosma("randwire_40_mh")), "highs", addresses=False, time_limit_s=1)
    assert reply.status in ("unknown", "feasible")
    assert reply.bound_bytes <= 53248


def test_the_exported_program_solves_to_the_optimum_elsewhere(tmp_path: Path) -> None:
    write_lp(index_problem(cosma("tiny_2")), addresses=False, path=tmp_path / "tiny.lp")
    text = (tmp_path / "tiny.lp").read_text()
    assert "Minimize" in text
    assert "Binaries" in text
    if not is_installed("highs"):
        pytest.skip("highs is not installed")
    script = (
        "import highspy, sys; h = highspy.Highs(); h.setOptionValue('output_flag', False);"
        "h.readModel(sys.argv[1]); h.run(); print(h.getInfo().objective_function_value)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "tiny.lp")], capture_output=True, text=True, check=True
    )
    assert round(float(done.stdout.split()[-1])) * 256 == 512
