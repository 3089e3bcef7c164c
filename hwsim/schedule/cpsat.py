"""The time-indexed CP-SAT formulation, with or without addresses (OR-Tools). Runs in a child process only.

Variables: operator ``o`` runs at step ``k``; tensor ``t`` is kept over the boundary before step ``k``; it is
kept *and read* there (a hit). A read without a hit is a fetch. Keeping is lossless in canonical form: only
from a use to a later use. With addresses, each possible stay has an address by step, equal across a kept
boundary, and all that is resident in a step is disjoint.
"""

from __future__ import annotations

import math
from typing import Any

from ortools.sat.python import cp_model

from hwsim.schedule.indexed import Indexed, bits
from hwsim.schedule.reply import Reply, Request
from hwsim.schedule.windows import users, windows


class StepModel:
    """One problem as a CP-SAT model; ``model`` is ready to solve."""

    def __init__(self, indexed: Indexed, request: Request) -> None:
        self.indexed = indexed
        self.request = request
        self.model = cp_model.CpModel()
        self.windows = windows(indexed)
        self.unit = math.gcd(*indexed.fetch_cost, *indexed.writeback_cost) or 1
        self.run: dict[tuple[int, int], Any] = {}
        self.keep: dict[tuple[int, int], Any] = {}
        self.hit: dict[tuple[int, int], Any] = {}
        self.address: dict[tuple[int, int], Any] = {}
        self._order()
        self._residency()
        self._capacity()
        if request.addresses:
            self._addresses()
        self.cost = self._objective()

    def runs(self, operators: tuple[int, ...], step: int) -> Any:
        """0/1: one of the operators runs at the step."""
        return sum(self.run[o, step] for o in operators if (o, step) in self.run)

    def _order(self) -> None:
        steps = range(self.indexed.operators)
        for operator in steps:
            for step in self.windows.steps[operator]:
                self.run[operator, step] = self.model.new_bool_var(f"run_{operator}_{step}")
            self.model.add_exactly_one(self.run[operator, k] for k in self.windows.steps[operator])
        for step in steps:
            self.model.add_exactly_one(self.run[o, step] for o in steps if (o, step) in self.run)
        for operator in steps:
            for before in bits(self.indexed.predecessors[operator]):
                self._precede(before, operator)

    def _precede(self, before: int, after: int) -> None:
        """Disaggregated: if ``after`` ran by step k, ``before`` ran by step k - 1."""
        for step in self.windows.steps[after]:
            done = sum(self.run[after, k] for k in self.windows.steps[after] if k <= step)
            earlier = sum(self.run[before, k] for k in self.windows.steps[before] if k < step)
            self.model.add(done <= earlier)

    def _residency(self) -> None:
        for tensor in range(self.indexed.tensors):
            consumers = tuple(bits(self.indexed.consumers[tensor]))
            for step in self.windows.carried[tensor]:
                keep = self.keep[tensor, step] = self.model.new_bool_var(f"keep_{tensor}_{step}")
                hit = self.hit[tensor, step] = self.model.new_bool_var(f"hit_{tensor}_{step}")
                kept_before = self.keep.get((tensor, step - 1), 0)
                self.model.add(keep <= kept_before + self.runs(users(self.indexed, tensor), step - 1))
                later = [self.run[o, k] for o in consumers for k in self.windows.steps[o] if k >= step]
                self.model.add(keep <= sum(later))
                self.model.add(hit <= keep)
                self.model.add(hit <= self.runs(consumers, step))

    def _capacity(self) -> None:
        indexed = self.indexed
        for step in range(indexed.operators):
            demand = sum(indexed.demand[o] * v for (o, k), v in self.run.items() if k == step)
            beside = sum(
                indexed.size[t] * (v - self.hit[t, step]) for (t, k), v in self.keep.items() if k == step
            )
            self.model.add(demand + beside <= indexed.capacity)

    def _addresses(self) -> None:
        for step in range(self.indexed.operators):
            stays = [self._stay(tensor, step) for tensor in range(self.indexed.tensors)]
            self.model.add_no_overlap([stay for stay in stays if stay is not None])
        for operator, shared in enumerate(self.indexed.in_place):
            if shared >= 0:
                self._share(operator, shared)

    def _stay(self, tensor: int, step: int) -> Any:
        """The optional interval of a tensor's addresses at a step; None where it cannot be resident."""
        touching = self.runs(users(self.indexed, tensor), step)
        kept, hit = self.keep.get((tensor, step)), self.hit.get((tensor, step))
        if isinstance(touching, int) and kept is None:
            return None
        taken_over = [o for o, shared in enumerate(self.indexed.in_place) if shared == tensor]
        presence = touching - self.runs(tuple(taken_over), step) + (kept - hit if kept is not None else 0)
        present = self.model.new_bool_var(f"present_{tensor}_{step}")
        self.model.add(present == presence)
        size = self.indexed.size[tensor]
        start = self.model.new_int_var(0, self.indexed.capacity - size, f"address_{tensor}_{step}")
        self.address[tensor, step] = start
        if kept is not None and (tensor, step - 1) in self.address:
            self.model.add(start == self.address[tensor, step - 1]).only_enforce_if(kept)
        return self.model.new_optional_fixed_size_interval_var(start, size, present, f"stay_{tensor}_{step}")

    def _share(self, operator: int, shared: int) -> None:
        heir = min(bits(self.indexed.outputs[operator]), key=lambda t: self._output_place(operator, t))
        for step in self.windows.steps[operator]:
            same = self.address[heir, step] == self.address[shared, step]
            self.model.add(same).only_enforce_if(self.run[operator, step])

    def _output_place(self, operator: int, tensor: int) -> int:
        problem = self.indexed.problem
        return problem.operators[operator].outputs.index(problem.tensors[tensor].id)

    def _objective(self) -> Any:
        total = 0
        for tensor in range(self.indexed.tensors):
            readers = tuple(bits(self.indexed.consumers[tensor]))
            if not readers:
                continue
            hits = sum(v for (t, _), v in self.hit.items() if t == tensor)
            compulsory = self.indexed.producer[tensor] < 0
            total += self.indexed.fetch_cost[tensor] // self.unit * (len(readers) - compulsory - hits)
            if self.indexed.writeback_cost[tensor]:
                total += self.indexed.writeback_cost[tensor] // self.unit * self._written(tensor, readers)
        self.model.add(total >= -(-self.request.floor_bytes // self.unit))
        if self.request.ceiling_bytes is not None:
            self.model.add(total <= (self.request.ceiling_bytes - 1) // self.unit)
        self.model.minimize(total)
        return total

    def _written(self, tensor: int, readers: tuple[int, ...]) -> Any:
        written = self.model.new_bool_var(f"written_{tensor}")
        for step in {step for operator in readers for step in self.windows.steps[operator]}:
            self.model.add(written >= self.runs(readers, step) - self.hit.get((tensor, step), 0))
        return written


def solve(indexed: Indexed, request: Request) -> Reply:
    """Solve in this process; status, incumbent and bound are CP-SAT's own."""
    built = StepModel(indexed, request)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = request.time_limit_s
    solver.parameters.num_workers = request.threads
    solver.parameters.random_seed = request.seed
    status = solver.solve(built.model)
    if status == cp_model.INFEASIBLE:
        return Reply.none_below(request)
    floor = max(request.floor_bytes, math.ceil(solver.best_objective_bound - 1e-6) * built.unit)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Reply("unknown", None, floor)
    return Reply(
        status="optimal" if status == cp_model.OPTIMAL else "feasible",
        objective_bytes=round(solver.objective_value) * built.unit,
        bound_bytes=floor,
        order=_order(indexed, built, solver),
        keeps=[(t, k) for (t, k), v in built.keep.items() if solver.value(v)],
        addresses=[(t, k, solver.value(v)) for (t, k), v in built.address.items()],
    )


def _order(indexed: Indexed, built: StepModel, solver: Any) -> list[int]:
    by_step = {k: o for (o, k), v in built.run.items() if solver.value(v)}
    return [by_step[step] for step in range(indexed.operators)]
