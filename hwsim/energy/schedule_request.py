"""``hwsim schedule`` as data: what a user asks, and the verified schedule with the problem it solves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsim.energy.scheduling import Objective, WorkloadOnMachine, prices_of, workload_problem
from hwsim.schedule.answer import file_input
from hwsim.schedule.choices import size_in_bytes, solve_options
from hwsim.schedule.graph_check import scratchpad_fault
from hwsim.schedule.graph_file import read_problem
from hwsim.schedule.minimum_peak import minimum_peak
from hwsim.schedule.problem import Problem
from hwsim.schedule.scheduled import Scheduled
from hwsim.schedule.solve import SolveOptions, solve
from hwsim.schedule.variants import Variants, varied
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.files import read_text


@dataclass(frozen=True, slots=True)
class ScheduleRequest:
    """What a user typed; a ``graph`` file or a ``workload``, and how to look at it.

    ``order``: ``free``, ``given`` (that of the file), or a file with one operator a line.
    """

    graph: Path | None = None
    workload: str | None = None
    arch: str | None = None
    scratchpad: str | None = None
    datatype: str | None = None
    overrides: tuple[str, ...] = ()
    allow_unknown: bool = False
    solver: str = "auto"
    time_limit_s: float = 60.0
    objective: str = "bytes"
    order: str = "free"
    weights: bool = True
    reuse: bool = False
    alignment: int = 1
    banks: int | None = None
    minimum_peak: bool = False


def schedule(request: ScheduleRequest) -> Scheduled:
    """Solve what is asked.

    Raises:
        InputError: some input or option is at fault.
    """
    problem, inputs = _problem(request)
    options = _options(request, problem)
    if request.minimum_peak:
        peak = minimum_peak(problem, options)
        return Scheduled(peak.problem, peak.result, inputs, request.objective, peak.lower_bound_bytes)
    fault = scratchpad_fault(problem)
    if fault:
        raise InputError(fault.message, hint=fault.hint)
    return Scheduled(problem, solve(problem, options), inputs, request.objective)


def _problem(request: ScheduleRequest) -> tuple[Problem, dict[str, Any]]:
    if (request.graph is None) == (request.workload is None):
        raise InputError("what is to be scheduled?", hint="give a graph file, or --workload NAME")
    size = size_in_bytes(request.scratchpad, "--scratchpad") if request.scratchpad else None
    if request.graph is not None:
        problem, inputs = _graph(request, request.graph, size), {"graph": file_input(request.graph)}
    else:
        asked = WorkloadOnMachine(
            request.workload or "",
            request.arch,
            size,
            request.datatype,
            request.overrides,
            request.allow_unknown,
            request.reuse,
        )
        problem, inputs = workload_problem(asked)
    prices = prices_of(request.arch, request.overrides, _objective(request.objective))
    variants = Variants(request.weights, request.alignment, request.banks, prices)
    return varied(problem, variants), inputs


def _graph(request: ScheduleRequest, graph: Path, size: int | None) -> Problem:
    for option, given in (("--datatype", request.datatype), ("--set", request.overrides)):
        if given:
            raise InputError(f"{option} is for a --workload, not for a graph file")
    if request.reuse:
        raise InputError(
            "--in-place is for a --workload", hint="in a graph file, give operators the key in_place"
        )
    return read_problem(graph, size)


def _objective(name: str) -> Objective:
    known = [each.value for each in Objective]
    if name not in known:
        raise InputError(f"--objective: unknown {name!r}", hint=did_you_mean(name, known))
    return Objective(name)


def _options(request: ScheduleRequest, problem: Problem) -> SolveOptions:
    options = solve_options(request.solver, request.time_limit_s)
    if request.order == "free":
        return options
    if request.solver != "auto":
        raise InputError("--order: only the solver auto heeds it")
    names = tuple(operator.id for operator in problem.operators)
    order = names if request.order == "given" else _order_in(Path(request.order), names)
    _check_order(problem, order)
    return SolveOptions(options.solver, options.time_limit_s, order)


def _order_in(file: Path, known: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(line.strip() for line in read_text(file).splitlines() if line.strip())
    for name in names:
        if name not in known:
            raise InputError(f"--order: {str(file)!r} names an unknown operator {name!r}")
    if sorted(names) != sorted(known):
        raise InputError(f"--order: {str(file)!r} does not name each of the {len(known)} operators once")
    return names


def _check_order(problem: Problem, order: tuple[str, ...]) -> None:
    done: set[str] = set()
    for name in order:
        for tensor in problem.operator[name].inputs:
            before = problem.producer.get(tensor)
            if before is not None and before not in done:
                raise InputError(f"--order: {name!r} comes before {before!r}, whose {tensor!r} it reads")
        done.add(name)
