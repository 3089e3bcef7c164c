"""Scheduling speed: hwsim against a plain CP-SAT and a plain PuLP/HiGHS model with addresses, in one run.

    python -m benchmarks.schedule [--cap SECONDS] [--only NAME]...

Every engine gets the same graphs (the 35 of ``hwsim validate cosma``) and the same cap; "plain" means the
whole time-indexed model with addresses at once, without start, bound or stages. A capped run counts as the
cap, so the ratios are lower limits.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from pathlib import Path

from hwsim.schedule.adapter import ask
from hwsim.schedule.graph_file import read_problem
from hwsim.schedule.indexed import index_problem
from hwsim.schedule.problem import Problem
from hwsim.schedule.solve import SolveOptions, solve
from hwsim.validation.references.cosma import SHIPPED


def hwsim(problem: Problem, cap: float) -> bool:
    """Proved within the cap."""
    return solve(problem, SolveOptions(time_limit_s=cap)).status == "optimal"


def plain(engine: str) -> Callable[[Problem, float], bool]:
    """The whole model with addresses, solved at once."""
    return lambda problem, cap: ask(index_problem(problem), engine, True, cap).status == "optimal"


ENGINES = {"hwsim": hwsim, "cpsat": plain("cpsat"), "highs": plain("highs")}


def measure(files: list[Path], cap: float) -> dict[str, list[float]]:
    """Seconds by engine; the cap where nothing was proved."""
    seconds: dict[str, list[float]] = {engine: [] for engine in ENGINES}
    for file in files:
        problem = read_problem(file)
        for engine, prove in ENGINES.items():
            started = time.perf_counter()
            proved = prove(problem, cap)
            spent = min(cap, time.perf_counter() - started) if proved else cap
            seconds[engine].append(spent)
        row = "  ".join(f"{engine} {times[-1]:7.3f}" for engine, times in seconds.items())
        print(f"{file.stem:28s} {row}", flush=True)
    return seconds


def main() -> None:
    """Measure, then print the geometric-mean ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cap", type=float, default=60.0)
    parser.add_argument("--only", action="append", help="stem of an instance; may be repeated")
    options = parser.parse_args()
    files = [file for file in sorted(SHIPPED.glob("*.json")) if file.stem in (options.only or [file.stem])]
    hwsim(read_problem(files[0]), options.cap)  # imports and compiled code, counted apart
    seconds = measure(files, options.cap)
    for engine, times in seconds.items():
        proved = sum(spent < options.cap for spent in times)
        ratio = math.exp(
            sum(math.log(theirs / ours) for theirs, ours in zip(times, seconds["hwsim"], strict=True))
            / len(times)
        )
        total = f"{proved}/{len(times)} proved, {sum(times):.1f} s"
        print(f"{engine}: {total}, geometric mean {ratio:.1f} x hwsim's time")


if __name__ == "__main__":
    main()
