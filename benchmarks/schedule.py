"""Scheduling speed: hwsim against a plain CP-SAT and a plain PuLP/HiGHS model with addresses, in one run.

    python -m benchmarks.schedule [--cap SECONDS] [--only NAME]... [--log FILE]

Every engine gets the same graphs (the 35 of ``hwsim validate cosma``) and the same cap; "plain" means the
whole time-indexed model with addresses at once, without start, bound or stages. A capped run counts as the
cap, so the ratios are lower limits. With ``--log`` every measurement is kept (JSON, one a line) and none that
is there under the same cap is repeated: an interrupted run goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
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


@dataclass(frozen=True, slots=True)
class Measurement:
    """Seconds one engine took for one graph; the cap where nothing was proved."""

    graph: str
    engine: str
    cap: float
    seconds: float
    proved: bool


def measure(files: Iterable[Path], cap: float, known: list[Measurement]) -> Iterator[Measurement]:
    """Every graph by every engine, but what is known."""
    done = {(each.graph, each.engine): each for each in known if each.cap == cap}
    for file in files:
        problem = read_problem(file)
        for engine, prove in ENGINES.items():
            yield done.get((file.stem, engine)) or _measured(file.stem, engine, prove, problem, cap)


def _measured(
    graph: str, engine: str, prove: Callable[[Problem, float], bool], problem: Problem, cap: float
) -> Measurement:
    started = time.perf_counter()
    proved = prove(problem, cap)
    spent = time.perf_counter() - started
    proved = proved and spent < cap
    return Measurement(graph, engine, cap, spent if proved else cap, proved)


def summary(found: list[Measurement]) -> Iterator[str]:
    """By engine: how many graphs it proved, its time, and the geometric mean of its time over hwsim's."""
    seconds = {(each.graph, each.engine): each.seconds for each in found}
    for engine in ENGINES:
        mine = [each for each in found if each.engine == engine]
        ratios = [math.log(each.seconds / seconds[each.graph, "hwsim"]) for each in mine]
        yield (
            f"{engine}: {sum(each.proved for each in mine)}/{len(mine)} proved, "
            f"{sum(each.seconds for each in mine):.1f} s, "
            f"geometric mean {math.exp(sum(ratios) / len(ratios)):.1f} x hwsim's time"
        )


def _logged(log: Path | None) -> list[Measurement]:
    lines = log.read_text().splitlines() if log is not None and log.exists() else []
    return [Measurement(**json.loads(line)) for line in lines]


def main() -> None:
    """Measure, then print the geometric-mean ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cap", type=float, default=60.0)
    parser.add_argument("--only", action="append", help="stem of an instance; may be repeated")
    parser.add_argument("--log", type=Path, help="file that keeps what was measured")
    options = parser.parse_args()
    everything = sorted(SHIPPED.glob("*.json"))
    files = [file for file in everything if file.stem in (options.only or [file.stem])]
    known = _logged(options.log)
    hwsim(read_problem(everything[0]), options.cap)  # imports and compiled code, counted apart
    found = []
    for each in measure(files, options.cap, known):
        found.append(each)
        print(
            f"{each.graph:28s} {each.engine:6s} {each.seconds:8.3f} s  {'' if each.proved else 'open'}",
            flush=True,
        )
        if options.log and each not in known:
            with options.log.open("a") as kept:
                kept.write(json.dumps(asdict(each)) + "\n")
    print("\n".join(summary(found)))


if __name__ == "__main__":
    main()
