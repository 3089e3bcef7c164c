"""The compiled search against itself uncompiled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from strategies.packings import guillotine

from hwsim.schedule.question import Question
from hwsim.schedule.skyline import FEASIBLE

ROOT = Path(__file__).parents[2]


def searches() -> list[tuple[int, list[int], list[float]]]:
    """Outcome, offsets and trouble of searches of both kinds, on random packings and with too little room."""
    found = []
    for seed in range(4):
        packing = guillotine(np.random.default_rng(seed), moments=30, capacity=100, buffers=50, load=0.95)
        for missing in (0, 1, 10):
            question = Question.of(packing.buffers, packing.capacity - missing)
            for jumping in (False, True):
                for order in list(question.orders())[:3]:
                    run = question.pack(order, np.array([100]), jumping)
                    found.append((run.outcome, run.offsets.tolist(), run.trouble.tolist()))
    return found


def test_compiled_and_plain_search_agree() -> None:
    code = "import json; from schedule.test_skyline import searches; print(json.dumps(searches()))"
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": paths}
    plain = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    compiled = searches()
    assert [list(entry) for entry in compiled] == json.loads(plain.stdout)
    assert len({outcome for outcome, _, _ in compiled}) == 3


@pytest.mark.parametrize("jumping", [False, True])
def test_a_search_without_budget_decides_nothing_and_one_with_enough_packs(jumping: bool) -> None:
    packing = guillotine(np.random.default_rng(0), moments=20, capacity=100, buffers=20, load=0.9)
    question = Question.of(packing.buffers, packing.capacity)
    order = next(question.orders())
    assert question.pack(order, np.array([5]), jumping).outcome != FEASIBLE
    assert question.pack(order, np.array([1_000_000]), jumping=False).outcome == FEASIBLE
