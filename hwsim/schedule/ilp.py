"""The reference formulation: one integer linear program in PuLP, solved by HiGHS, in a child process only.

With 0/1 variables ``run[o,k]`` (operator o runs at step k), ``keep[t,k]`` (tensor t is kept over the boundary
before step k), ``hit[t,k]`` (it is kept and read there), ``written[t]`` (it is written back):

    minimise   sum_t fetch[t] * (readers[t] - compulsory[t] - sum_k hit[t,k]) + writeback[t] * written[t]
    each o     sum_k run[o,k] = 1;       each k   sum_o run[o,k] = 1
    p before o sum_{j<=k} run[o,j] <= sum_{j<k} run[p,j]
    each t,k   keep[t,k] <= keep[t,k-1] + use[t,k-1];  keep[t,k] <= reads from k on;
               hit[t,k] <= keep[t,k];  hit[t,k] <= read[t,k]
    each k     sum_o demand[o] run[o,k] + sum_t size[t] (keep[t,k] - hit[t,k]) <= capacity
    each t,k   written[t] >= read[t,k] - hit[t,k]

and with addresses ``address[t,k]`` and, for two tensors, ``below[t,u,k]``:

    keep[t,k]  =>  address[t,k] = address[t,k-1]
    both resident at k  =>  address[t,k] + size[t] <= address[u,k]  or the other way round

This is what the fast engines are checked against; :func:`write_lp` saves it for any other solver.
"""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path
from typing import Any

import pulp

from hwsim.schedule.indexed import Indexed, bits
from hwsim.schedule.reply import Reply, Request
from hwsim.schedule.windows import users, windows

Key = tuple[int, int]


class LinearModel:
    """One problem as a PuLP model, ``problem``; costs are in units of ``unit`` bytes."""

    def __init__(self, indexed: Indexed, request: Request) -> None:
        self.indexed = indexed
        self.request = request
        self.problem = pulp.LpProblem("cosma", pulp.LpMinimize)
        self.windows = windows(indexed)
        self.unit = math.gcd(*indexed.fetch_cost, *indexed.writeback_cost) or 1
        self.run = self._binaries("run", {(o, k) for o, ks in enumerate(self.windows.steps) for k in ks})
        carried = {(t, k) for t, ks in enumerate(self.windows.carried) for k in ks}
        self.keep = self._binaries("keep", carried)
        self.hit = self._binaries("hit", carried)
        self.address: dict[Key, Any] = {}
        self._objective()
        self._order()
        self._residency()
        self._capacity()
        if request.addresses:
            self._addresses()

    def runs(self, operators: tuple[int, ...], step: int) -> Any:
        """0/1: one of the operators runs at the step."""
        return pulp.lpSum(self.run[o, step] for o in operators if (o, step) in self.run)

    def _binaries(self, name: str, keys: set[Key]) -> dict[Key, Any]:
        return {(a, b): pulp.LpVariable(f"{name}_{a}_{b}", cat="Binary") for a, b in sorted(keys)}

    def _readers(self, tensor: int) -> tuple[int, ...]:
        return tuple(bits(self.indexed.consumers[tensor]))

    def _objective(self) -> None:
        terms, charged = [], 0
        for tensor in range(self.indexed.tensors):
            readers = self._readers(tensor)
            if not readers:
                continue
            price = self.indexed.fetch_cost[tensor] // self.unit
            hits = [self.hit[tensor, k] for k in self.windows.carried[tensor]]
            charged += price * (len(readers) - (self.indexed.producer[tensor] < 0))
            terms.append(-price * pulp.lpSum(hits))
            if self.indexed.writeback_cost[tensor]:
                terms.append(
                    self.indexed.writeback_cost[tensor] // self.unit * self._written(tensor, readers)
                )
        # A constant would be lost in an LP file and in the solver's bound; a fixed variable is not.
        self.cost = pulp.lpSum([pulp.LpVariable("every_charged_read", charged, charged), *terms])
        self.problem.setObjective(self.cost)
        self.problem += self.cost >= -(-self.request.floor_bytes // self.unit), "known_lower_bound"

    def _written(self, tensor: int, readers: tuple[int, ...]) -> Any:
        written = pulp.LpVariable(f"written_{tensor}", cat="Binary")
        for step in range(self.indexed.operators):
            self.problem += written >= self.runs(readers, step) - self.hit.get((tensor, step), 0)
        return written

    def _order(self) -> None:
        steps = range(self.indexed.operators)
        for operator in steps:
            self.problem += pulp.lpSum(self.run[operator, k] for k in self.windows.steps[operator]) == 1
            for before in bits(self.indexed.predecessors[operator]):
                self._precede(before, operator)
        for step in steps:
            self.problem += self.runs(tuple(steps), step) == 1

    def _precede(self, before: int, after: int) -> None:
        for step in self.windows.steps[after]:
            done = pulp.lpSum(self.run[after, k] for k in self.windows.steps[after] if k <= step)
            self.problem += done <= pulp.lpSum(
                self.run[before, k] for k in self.windows.steps[before] if k < step
            )

    def _residency(self) -> None:
        for (tensor, step), keep in self.keep.items():
            readers, hit = self._readers(tensor), self.hit[tensor, step]
            before = self.keep.get((tensor, step - 1), 0)
            later = (self.run[o, k] for o in readers for k in self.windows.steps[o] if k >= step)
            self.problem += keep <= before + self.runs(users(self.indexed, tensor), step - 1)
            self.problem += keep <= pulp.lpSum(later)
            self.problem += hit <= keep
            self.problem += hit <= self.runs(readers, step)

    def _capacity(self) -> None:
        indexed = self.indexed
        for step in range(indexed.operators):
            demand = pulp.lpSum(indexed.demand[o] * v for (o, k), v in self.run.items() if k == step)
            beside = pulp.lpSum(
                indexed.size[t] * (v - self.hit[t, k]) for (t, k), v in self.keep.items() if k == step
            )
            self.problem += demand + beside <= indexed.capacity

    def _resident(self, tensor: int, step: int) -> Any:
        """0/1: resident at the step, apart from an in-place operator's input, which lies under its output."""
        taken_over = tuple(o for o, shared in enumerate(self.indexed.in_place) if shared == tensor)
        kept = self.keep.get((tensor, step), 0) - self.hit.get((tensor, step), 0)
        return self.runs(users(self.indexed, tensor), step) - self.runs(taken_over, step) + kept

    def _addresses(self) -> None:
        capacity, sizes = self.indexed.capacity, self.indexed.size
        tensors = [t for t in range(self.indexed.tensors) if users(self.indexed, t)]
        for tensor in tensors:
            for step in range(self.indexed.operators):
                name = f"address_{tensor}_{step}"
                self.address[tensor, step] = pulp.LpVariable(name, 0, capacity - sizes[tensor], cat="Integer")
                if (tensor, step) in self.keep:
                    moved = self.address[tensor, step] - self.address[tensor, step - 1]
                    slack = capacity * (1 - self.keep[tensor, step])
                    self.problem += moved <= slack
                    self.problem += -moved <= slack
        for step in range(self.indexed.operators):
            for first, second in combinations(tensors, 2):
                self._apart(first, second, step)
        self._shared_addresses()

    def _apart(self, first: int, second: int, step: int) -> None:
        capacity, sizes = self.indexed.capacity, self.indexed.size
        below = pulp.LpVariable(f"below_{first}_{second}_{step}", cat="Binary")
        absent = capacity * (2 - self._resident(first, step) - self._resident(second, step))
        low, high = self.address[first, step], self.address[second, step]
        self.problem += low + sizes[first] <= high + capacity * (1 - below) + absent
        self.problem += high + sizes[second] <= low + capacity * below + absent

    def _shared_addresses(self) -> None:
        problem = self.indexed.problem
        numbers = {tensor.id: index for index, tensor in enumerate(problem.tensors)}
        for (operator, step), run in self.run.items():
            shared = self.indexed.in_place[operator]
            if shared >= 0:
                heir = numbers[problem.operators[operator].outputs[0]]
                apart = self.address[heir, step] - self.address[shared, step]
                self.problem += apart <= self.indexed.capacity * (1 - run)
                self.problem += -apart <= self.indexed.capacity * (1 - run)


def write_lp(indexed: Indexed, addresses: bool, path: Path) -> None:
    """Save the program in CPLEX LP format."""
    request = Request("highs", {}, addresses, math.inf)
    LinearModel(indexed, request).problem.writeLP(str(path))


def solve(indexed: Indexed, request: Request) -> Reply:
    """Solve in this process; status, bound and incumbent are read from HiGHS, not from PuLP."""
    built = LinearModel(indexed, request)
    solver = pulp.HiGHS(
        msg=False,
        timeLimit=request.time_limit_s,
        threads=request.threads,
        random_seed=request.seed,
        mip_rel_gap=0.0,
        mip_abs_gap=0.0,
    )
    built.problem.solve(solver)
    highs = built.problem.solverModel
    info = highs.getInfo()
    state = highs.modelStatusToString(highs.getModelStatus())
    if state == "Infeasible":
        return Reply.none_below(request)
    bound = request.floor_bytes
    if state == "Optimal":
        bound = round(built.cost.value()) * built.unit
    elif math.isfinite(info.mip_dual_bound):
        bound = max(bound, math.ceil(info.mip_dual_bound - 1e-6) * built.unit)
    if info.primal_solution_status != _FEASIBLE_POINT:
        return Reply("unknown", None, bound)
    return _reply(indexed, built, state == "Optimal", bound)


# HiGHS's kSolutionStatusFeasible: the solver holds a feasible point.
_FEASIBLE_POINT = 2


def _reply(indexed: Indexed, built: LinearModel, optimal: bool, bound: int) -> Reply:
    by_step = {k: o for (o, k), v in built.run.items() if v.varValue > 0.5}
    return Reply(
        status="optimal" if optimal else "feasible",
        objective_bytes=round(built.cost.value()) * built.unit,
        bound_bytes=bound,
        order=[by_step[step] for step in range(indexed.operators)],
        keeps=[key for key, v in built.keep.items() if v.varValue > 0.5],
        addresses=[(t, k, round(v.varValue or 0)) for (t, k), v in built.address.items()],
    )
