"""Searching: the same points as a sweep, fewer of them."""

from __future__ import annotations

import pytest

from hwsim.explore.folder import opened
from hwsim.explore.results import open_results
from hwsim.explore.roofline import least
from hwsim.explore.search import Options, regret, search
from hwsim.explore.sweep import sweep
from hwsim.explore.workers import in_process
from hwsim.pipeline import simulate
from hwsim.spec.errors import InputError

pytest.importorskip("optuna")


def find(space, path, options, earlier=None):
    with opened(path, space, "test", "test") as folder:
        return search(space, folder, options, earlier, lambda _: None)


@pytest.fixture
def swept(small, tmp_path):
    with opened(tmp_path / "all", small(), "test", "test") as folder:
        sweep(small(), folder, in_process, lambda _: None)
    return open_results(tmp_path / "all")


@pytest.mark.parametrize("sampler", ["tpe", "nsga2", "grid", "random"])
def test_a_search_with_budget_for_all_points_finds_the_optimum(small, tmp_path, swept, sampler):
    found = find(small(), tmp_path / sampler, Options(12, sampler))
    assert regret(small(), found, swept) == 0
    assert found.computed == 0  # the sweep beside it has them all
    assert found.curve == sorted(found.curve, reverse=True)


def test_cmaes_takes_one_objective(small, tmp_path, swept):
    with pytest.raises(InputError, match="single objective"):
        find(small(), tmp_path / "two", Options(3, "cmaes"))
    found = find(small(objectives=["latency_s"]), tmp_path / "one", Options(12, "cmaes"))
    assert regret(small(objectives=["latency_s"]), found, swept) == 0


def test_the_same_search_is_the_same(small, tmp_path):
    one = find(small(seed=3), tmp_path / "a", Options(5))
    two = find(small(seed=3), tmp_path / "b", Options(5))
    again = find(small(seed=3), tmp_path / "a", Options(5))
    assert one.evaluated == two.evaluated == again.evaluated
    assert (one.computed, again.computed) == (5, 0)


def test_bounds_are_bounds(small):
    for point in small().points():
        result = simulate(point.machine, point.workload, overrides=point.machine_overrides)
        bound = least(point)
        assert 0 < bound["latency_s"] <= result.latency_s
        assert bound["area_mm2"] == result.area_mm2


def test_what_cannot_be_best_is_not_run(small, tmp_path):
    space = small(objectives=["latency_s"], constraints=["area_mm2 < 0.4"])
    everything = find(space, tmp_path / "a", Options(12, "grid", prune=False))
    pruned = find(space, tmp_path / "b", Options(12, "grid"))
    assert (len(everything.evaluated), everything.pruned) == (12, 0)
    assert pruned.pruned > 0
    assert len(pruned.evaluated) + pruned.pruned == 12
    assert pruned.curve[-1] == everything.curve[-1]


def test_a_search_may_begin_with_what_another_found(small, tmp_path, swept):
    found = find(small(), tmp_path / "warm", Options(3, "tpe"), swept)
    assert len(found.evaluated) == 3


def test_there_is_no_other_sampler(small, tmp_path):
    with pytest.raises(InputError, match="did you mean 'tpe'"):
        find(small(), tmp_path / "x", Options(3, "tpee"))
