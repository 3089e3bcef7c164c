from __future__ import annotations

import random

import numpy as np
import pytest

from hwsim.arch.load import load_arch
from hwsim.energy.objective.bounds import bounds
from hwsim.energy.objective.choice import Costed
from hwsim.energy.objective.frontier import corners, frontier
from hwsim.energy.objective.judge import FIGURES, Figure, Judge
from hwsim.energy.objective.refine import OBJECTIVES
from hwsim.energy.objective.setting import settings_of
from hwsim.mapping.choices import MappingChoices, load_mapping
from hwsim.pipeline import describe, map_workload, simulate
from hwsim.simulation.scene import Scene
from hwsim.spec.errors import InputError

MACHINES = ("tpu_v1", "eyeriss", "gemmini_default")
WORKLOAD = "squeezenet"


def _case(arch: str, workload: str = WORKLOAD):
    machine, network = describe(arch, workload)
    plan = map_workload(machine, network)
    scene = Scene.of(machine, network, plan.datatype)
    return plan, scene, settings_of(plan, scene, MappingChoices(name="free"))


@pytest.mark.parametrize("arch", MACHINES)
def test_no_candidate_is_below_its_bounds(arch):
    _, scene, settings = _case(arch)
    judge, rng = Judge.of(scene), random.Random(1)
    for setting in rng.sample(list(settings.values()), 4):
        candidates = setting.candidates()
        seconds, joules = bounds(candidates, setting.step, judge)
        allowed = np.flatnonzero(candidates.allowed).tolist()
        for number in rng.sample(allowed, min(40, len(allowed))):
            step = setting.with_level(candidates.level(number))
            if step is not None:
                figure = judge.figure(step)
                assert seconds[number] <= figure.seconds * (1 + 1e-9)
                assert joules[number] <= figure.joules * (1 + 1e-9)


@pytest.mark.parametrize("objective", ["latency", "energy", "edp"])
def test_the_best_of_a_step_is_the_best_of_all_its_candidates(objective):
    _, scene, settings = _case("tpu_v1")
    judge, figure = Judge.of(scene), FIGURES[objective]
    chosen = map_workload(scene.arch, scene.workload, "auto", objective)
    for number in random.Random(2).sample(sorted(settings), 2):
        setting = settings[number]
        candidates = setting.candidates()
        steps = (setting.with_level(candidates.level(n)) for n in np.flatnonzero(candidates.allowed).tolist())
        tried = [judge.figure(step) for step in steps if step] + [judge.figure(setting.step)]
        found = next(each for each in chosen.searched if each.operator == setting.group[0].name)
        assert found.bound == pytest.approx(min(figure(each) for each in tried))
        if objective != "edp":
            assert found.value == found.bound == pytest.approx(figure(judge.figure(chosen.steps[number])))


@pytest.mark.parametrize("arch", ["tpu_v1", "gemmini_default"])
def test_each_objective_is_best_at_its_own_figure(arch):
    results = {objective: simulate(arch, WORKLOAD, objective=objective) for objective in OBJECTIVES}
    free = simulate(arch, WORKLOAD)
    product = {name: each.latency_s * each.energy_j for name, each in results.items()}
    assert results["latency"].latency_s <= min(each.latency_s for each in (*results.values(), free))
    assert results["energy"].energy_j <= min(each.energy_j for each in (*results.values(), free)) * (1 + 1e-9)
    assert product["edp"] <= min(product.values()) * (1 + 1e-9)
    frontier = results["pareto"].json["frontier"]
    assert frontier[0]["latency_s"] == pytest.approx(results["latency"].latency_s)
    assert frontier[-1]["energy_j"] == pytest.approx(results["energy"].energy_j)


@pytest.mark.parametrize("objective", ["latency", "energy", "edp"])
def test_what_was_predicted_is_what_the_run_reports(objective):
    result = simulate("tpu_v1", WORKLOAD, objective=objective)
    plan, scene = result.plan, Scene.of(result.arch, result.workload, result.plan.datatype)
    figures = [Judge.of(scene).figure(step) for step in plan.steps]
    assert result.latency_s == pytest.approx(sum(each.seconds for each in figures), rel=1e-12)
    assert result.energy_j == pytest.approx(sum(each.joules for each in figures), rel=1e-9)


def test_sums_of_corners_are_the_corners_of_sums():
    rng = random.Random(3)
    for _ in range(50):
        fronts = [
            [Costed(n, Figure(rng.random() + 0.1, rng.random() + 0.1)) for n in range(rng.randint(1, 5))]
            for _ in range(3)
        ]
        sums = frontier([corners(front) for front in fronts], Figure(0.5, 0.25))
        every = [
            Figure(
                0.5 + sum(each.figure.seconds for each in chosen),
                0.25 + sum(each.figure.joules for each in chosen),
            )
            for chosen in ((a, b, c) for a in fronts[0] for b in fronts[1] for c in fronts[2])
        ]
        for figure in FIGURES.values():
            least = min(figure(each.figure) for each in sums)
            assert least == pytest.approx(min(figure(each) for each in every))


def _constrained(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(f"name: mine\nconstraints:\n{text}")
    return str(path)


def test_constraints_hold_and_the_rest_is_searched(tmp_path):
    rules = """
  - operators: ["res3*"]
    order: [N, M, K]
    tile: {N: {at_most: 256, multiple_of: 64}, K: 128}
"""
    plan = simulate("tpu_v1", "resnet50", _constrained(tmp_path, rules)).plan
    tasks = [step.tasks[0] for step in plan.steps if step.tasks[0].operator.startswith("res3")]
    levels = [task.levels[0] for task in tasks if task.levels]
    assert len(levels) > 10
    for level in levels:
        assert level.order == ("N", "M", "K")
        assert level.K == 128
        assert level.N in (64, 128, 192, 256)
    assert {each.objective for each in plan.searched} == {"latency"}
    assert len(plan.searched) == sum(bool(step.tasks[0].levels) for step in plan.steps)


def test_a_complete_nest_is_evaluated_as_it_stands(tmp_path):
    rules = """
  - operators: [conv1]
    order: [N, K, M]
    tile: {M: 1120, N: 64, K: 147}
"""
    plan = simulate("tpu_v1", "resnet50", _constrained(tmp_path, rules)).plan
    task = next(step.tasks[0] for step in plan.steps if step.tasks[0].operator == "conv1")
    assert task.levels[0].order == ("N", "K", "M")
    assert task.levels[0].tile == (1, 1120, 64, 147)
    assert next(each for each in plan.searched if each.operator == "conv1").candidates == 1


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ('  - operators: ["conv9"]', r"3:17: no contraction .*'conv9'.*did you mean 'conv1'"),
        ("  - tile: {M: 99999999}", r"3:15: a tile of 99999999: the axis has"),
        ("  - operators: [conv1]\n    tile: {N: {at_least: 65}}", r"4:15: no multiple of 1 from 65"),
        ("  - tile: {N: {at_least: 9, at_most: 8}}", "no multiple of 1 is from 9 to 8"),
        ("  - order: [M, M, K]", "an order has M, N and K once each"),
        (
            "  - operators: ['res3*']\n    order: [M, K, N]\n    tile: {N: {at_most: 256}, K: 128}",
            "break the rules; .* put K innermost",
        ),
        ("  - level: 7", r"3:12: level 7"),
        ("  - order: [M, N, K]\n  - operators: [conv1]", r"4:5: constraints 1 and 2 are both for 'conv1'"),
        ("  - min_utilization: 1.0", r"break the rules; min_utilization: 0\.\d+ is the most"),
        ("  - operators: [conv1]\n    level: 2\n    tile: {M: 4}", "fixed as a whole or not at all"),
    ],
)
def test_constraints_that_cannot_be_kept_are_placed(tmp_path, rules, message):
    with pytest.raises(InputError, match=message) as caught:
        simulate("tpu_v1", "resnet50", _constrained(tmp_path, rules))
    assert caught.value.position is not None


def test_what_fits_nowhere_says_how_much_is_missing(tmp_path):
    rules = "  - operators: [conv1]\n    tile: {M: 12544, N: 64, K: 147}"
    with pytest.raises(InputError, match=r"1 of 1 tiles|3 of 3 tiles") as caught:
        simulate("eyeriss", "resnet50", _constrained(tmp_path, rules))
    assert "bytes more: --set" in caught.value.render()


def test_an_objective_that_is_none_is_refused():
    with pytest.raises(InputError, match="leaves loop nests to the schedule"):
        simulate("tpu_v1", WORKLOAD, "scheduled", objective="energy")
    with pytest.raises(InputError, match="did you mean 'energy'"):
        simulate("tpu_v1", WORKLOAD, objective="enrgy")
    with pytest.raises(InputError, match=r"loop nests on .h100.* are not searched"):
        simulate(load_arch("h100_sxm"), WORKLOAD, load_mapping("auto"), objective="energy")
