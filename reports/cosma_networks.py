"""Whole networks for ``cosma.md``: COSMA's budgets and settings on models of its kinds, batch 1, int8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.schedule.best_fit import best_fit_schedule
from hwsim.schedule.from_workload import problem_from_workload
from hwsim.schedule.minimum_peak import minimum_peak
from hwsim.schedule.naive import naive_schedule
from hwsim.schedule.problem import Problem
from hwsim.schedule.solve import ScheduleResult, SolveOptions, solve
from hwsim.schedule.variants import activations_only
from hwsim.schedule.verify import verify
from hwsim.workload.load import load_workload

DESIGNED = (
    "alexnet",
    "densenet121",
    "inception_v1",
    "inception_v2",
    "resnet50",
    "shufflenet",
    "squeezenet",
    "vgg19",
    "zfnet512",
    "bert_base",
    "mixtral_8x7b",
)
SEARCHED = ("nasnet_a_large", "pnasnet_5_large", "amoebanet_d", "darts")
OVERRIDES = {"mixtral_8x7b": ("config.layers=2",)}
PEAK_LIMIT_S = 10.0
LIMIT_S = 120.0


@dataclass(frozen=True, slots=True)
class NetworkCase:
    """A network in a scratchpad: bytes of both baselines, and our result."""

    network: str
    setting: str
    budget: str
    problem: Problem
    naive_bytes: int
    best_fit_bytes: int
    result: ScheduleResult

    @property
    def ours(self) -> int:
        """Our non-compulsory bytes."""
        return self.result.noncompulsory_bytes or 0


def network_cases() -> Iterator[NetworkCase]:
    """Every network, activations only and with parameters, at MR, MH and MP where these differ."""
    for name in (*DESIGNED, *SEARCHED):
        workload = load_workload(name, OVERRIDES.get(name, ())).with_datatype("int8")
        whole = problem_from_workload(workload, 1)
        for setting, problem in (("activations", activations_only(whole)), ("with parameters", whole)):
            yield from _cases(name, setting, problem)


def _cases(name: str, setting: str, problem: Problem) -> Iterator[NetworkCase]:
    least = max(problem.working_set_bytes(operator.id) for operator in problem.operators)
    peak = minimum_peak(problem, SolveOptions(time_limit_s=PEAK_LIMIT_S)).problem.scratchpad_bytes
    sizes = {"MR": least, "MH": (least + peak) // 2, "MP": peak}
    seen: set[int] = set()
    for budget, size in sizes.items():
        if size not in seen:
            seen.add(size)
            yield _case(name, setting, budget, problem.with_scratchpad(size))


def _case(name: str, setting: str, budget: str, problem: Problem) -> NetworkCase:
    naive, fit = (
        verify(problem, schedule(problem)).noncompulsory_bytes or 0
        for schedule in (naive_schedule, best_fit_schedule)
    )
    result = solve(problem, SolveOptions(time_limit_s=LIMIT_S))
    return NetworkCase(name, setting, budget, problem, naive, fit, result)


def network_section(cases: list[NetworkCase]) -> list[str]:
    """Averages beside the published ones, then one line a case."""
    designed = [case for case in cases if case.network in DESIGNED]
    searched = [case for case in cases if case.network in SEARCHED]
    seconds = [case.result.solve_s for case in designed]
    proved = sum(case.result.status == "optimal" for case in cases)
    return [
        "## Whole networks",
        "",
        f"{proved} of {len(cases)} proved optimal, addresses included, at most {LIMIT_S:.0f} s each; "
        f"the others with the gap in the table. Mean time of the human-designed ones "
        f"{sum(seconds) / len(seconds):.2f} s (published 0.296 s).",
        "",
        "| networks | budget | cases | less than order of file, furthest use | than best fit | published |",
        "|---|---|---|---|---|---|",
        *_averages("human-designed", designed, "84 %"),
        *_averages("searched (divide and conquer)", searched, "85 %"),
        "",
        *_differences(),
        "",
        "| network | operators | setting | budget | bytes | file order | best fit | ours | bound | gap | s |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        *map(_row, cases),
    ]


def _averages(label: str, cases: list[NetworkCase], published: str) -> Iterator[str]:
    for budget in ("MR", "MH", "MP", "all"):
        chosen = [case for case in cases if budget in (case.budget, "all")]
        if chosen:
            naive = _reduction([(case.naive_bytes, case.ours) for case in chosen])
            fit = _reduction([(case.best_fit_bytes, case.ours) for case in chosen])
            beside = published if budget == "all" else ""
            yield f"| {label} | {budget} | {len(chosen)} | {naive} | {fit} | {beside} |"


def _reduction(pairs: list[tuple[int, int]]) -> str:
    """Mean share of the baseline's bytes that are saved, over the cases where it moves any."""
    shares = [1 - ours / theirs for theirs, ours in pairs if theirs]
    return f"{sum(shares) / len(shares):.0%} ({len(shares)} cases)" if shares else "nothing to save"


def _differences() -> list[str]:
    return [
        "What differs from the publication: its graphs, element sizes and baselines are not public, so these",
        "are the same kinds of networks built from their papers or ONNX graphs, one byte an element. MP is",
        f"the smallest scratchpad found in {PEAK_LIMIT_S:.0f} s. Where a baseline moves nothing (chains like",
        "AlexNet and VGG in the order of the file) there is no share, so the case drops out of that average.",
        "An average of shares depends on which budgets count: at MP ours moves nothing, saving 100 %; at MR",
        "the largest operator forces traffic that no schedule avoids, as the bounds show.",
    ]


def _row(case: NetworkCase) -> str:
    result = case.result
    return (
        f"| {case.network} | {len(case.problem.operators)} | {case.setting} | {case.budget} "
        f"| {case.problem.scratchpad_bytes} | {case.naive_bytes} | {case.best_fit_bytes} | {case.ours} "
        f"| {result.lower_bound_bytes} | {100 * (result.gap or 0):.1f} % | {result.solve_s:.1f} |"
    )
