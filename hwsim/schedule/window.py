"""A stretch of steps of a plan as a problem of its own, and its solution put back into the plan.

Everything outside stays as it is. What the plan carries into the stretch is made by a first operator, what it
carries out of it is read by a last one, so an eviction in between costs exactly what it costs the whole plan:
the fetch, and the write-back unless another stay of the tensor has paid it.
"""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.schedule.indexed import Indexed, bits, index_problem, mask_of, with_ancestors
from hwsim.schedule.plan import Plan, carried_masks, plan_from_keeps
from hwsim.schedule.problem import Operator, Problem, Tensor, TensorKind

BEGIN, END = "(before)", "(after)"


@dataclass(frozen=True, slots=True)
class Window:
    """Steps ``first`` to ``stop - 1`` of a plan as an indexed problem of their own."""

    first: int
    stop: int
    indexed: Indexed


def window_of(indexed: Indexed, plan: Plan, first: int, stop: int) -> Window:
    """The problem of the steps ``first`` to ``stop - 1``."""
    carried = carried_masks(plan)
    coming, leaving = carried[first], carried[stop] if stop < len(plan.order) else 0
    paid = _paid(indexed, plan, first, stop)
    operators = plan.order[first:stop]
    seen, made = coming | leaving, 0
    for operator in operators:
        seen |= indexed.inputs[operator] | indexed.outputs[operator]
        made |= indexed.outputs[operator]
    tensors = tuple(_tensor(indexed, tensor, coming | made, paid) for tensor in bits(seen))
    names = [tensor.id for tensor in indexed.problem.tensors]
    first_op = [Operator(BEGIN, (), tuple(names[t] for t in bits(coming)))] if coming else []
    last_op = [Operator(END, tuple(names[t] for t in bits(leaving)), ())] if leaving else []
    between = [indexed.problem.operators[operator] for operator in sorted(operators)]
    problem = Problem(
        tensors,
        (*first_op, *between, *last_op),
        indexed.problem.scratchpad_bytes,
        indexed.problem.alignment,
        indexed.problem.prices,
    )
    return Window(first, stop, _ordered(index_problem(problem), indexed, sorted(operators)))


def put_back(indexed: Indexed, plan: Plan, window: Window, solved: Plan) -> Plan:
    """``plan`` with the window's steps as ``solved`` has them."""
    inner = window.indexed
    numbers = {tensor.id: number for number, tensor in enumerate(indexed.problem.tensors)}
    places = {operator.id: number for number, operator in enumerate(indexed.problem.operators)}
    outside = carried_masks(plan)
    keeps = {step: mask for step, mask in enumerate(outside) if not window.first <= step <= window.stop}
    order, step = [], window.first
    for operator, mask in zip(solved.order, carried_masks(solved), strict=True):
        keeps[step] = mask_of(numbers[inner.problem.tensors[tensor].id] for tensor in bits(mask))
        name = inner.problem.operators[operator].id
        if name not in (BEGIN, END):
            order.append(places[name])
            step += 1
    steps = (*plan.order[: window.first], *order, *plan.order[window.stop :])
    return plan_from_keeps(indexed, steps, keeps)


def _tensor(indexed: Indexed, tensor: int, on_chip: int, paid: int) -> Tensor:
    """A tensor as the window meets it; what DRAM has, or will have anyhow, is never written back again."""
    known = indexed.problem.tensors[tensor]
    if not on_chip >> tensor & 1:
        return Tensor(known.id, known.size, TensorKind.INPUT)
    if known.needs_writeback and not paid >> tensor & 1:
        return Tensor(known.id, known.size, TensorKind.ACTIVATION)
    return Tensor(known.id, known.size, TensorKind.OUTPUT)


def _paid(indexed: Indexed, plan: Plan, first: int, stop: int) -> int:
    """Tensors whose write-back some stay outside the window makes necessary."""
    paid, seen = 0, 0
    for episode in plan.episodes:
        again = seen >> episode.tensor & 1
        seen |= 1 << episode.tensor
        if again and indexed.writeback_cost[episode.tensor] and not first <= episode.first < stop:
            paid |= 1 << episode.tensor
    return paid


def _ordered(inner: Indexed, outer: Indexed, operators: list[int]) -> Indexed:
    """The window's problem with the order of the whole one, its first operator first, its last one last."""
    names = [operator.id for operator in inner.problem.operators]
    begins, count = int(BEGIN in names), len(names)
    places = {operator: place + begins for place, operator in enumerate(operators)}
    ancestors = [0] * count
    for operator, place in places.items():
        known = mask_of(places[other] for other in bits(outer.ancestors[operator]) if other in places)
        ancestors[place] = known | begins
    if END in names:
        ancestors[-1] = inner.everything & ~(1 << count - 1)
    return with_ancestors(inner, tuple(ancestors))


def plan_inside(indexed: Indexed, plan: Plan, window: Window) -> Plan:
    """What ``plan`` does in the window, as a plan of the window's problem."""
    inner = window.indexed
    numbers = {tensor.id: number for number, tensor in enumerate(inner.problem.tensors)}
    places = {operator.id: number for number, operator in enumerate(inner.problem.operators)}
    names = [tensor.id for tensor in indexed.problem.tensors]
    carried = [*carried_masks(plan), 0]
    begin, end = BEGIN in places, END in places
    order = [places[indexed.problem.operators[o].id] for o in plan.order[window.first : window.stop]]
    order = [*([places[BEGIN]] if begin else []), *order, *([places[END]] if end else [])]
    shift = window.first - begin
    keeps = {
        step: mask_of(numbers[names[t]] for t in bits(carried[step + shift])) for step in range(1, len(order))
    }
    return plan_from_keeps(inner, tuple(order), keeps)
