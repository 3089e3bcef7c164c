"""Mixtures of experts: routing, grouped products and combination, which a library runs as one kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hwsim.engines.gpu.calls import Call
from hwsim.engines.gpu.routing import counted
from hwsim.mapping.products import product_of
from hwsim.workload.operator import Operator
from hwsim.workload.workload import Workload

COMBINE = "combine"
"""Kind of the operator that weighs and adds up what the experts return."""
DISPATCH = "gather"
"""Kind of the operator that brings each expert its tokens."""
PRODUCTS = 3
"""Of a gated expert: gate, up, down."""


def mixtures_of(workload: Workload) -> Iterator[tuple[Operator, ...]]:
    """The operators of each mixture."""
    for op in workload.operators:
        found = mixture_of(workload, op) if op.kind == COMBINE else ()
        if found:
            yield found


def mixture_of(workload: Workload, combine: Operator) -> tuple[Operator, ...]:
    """The operators of a mixture, its first product in front, the others in order; () if it is none."""
    downs = _downs(workload, combine)
    if not downs:
        return ()
    names = {combine.name, *_router(workload, combine)}.union(*(_expert(workload, down) for down in downs))
    members = [each for each in workload.operators if each.name in names]
    lead = next(each for each in members if each.is_contraction)
    return (lead, *(each for each in members if each is not lead))


def mixture_call(workload: Workload, operators: tuple[Operator, ...], datatype: str) -> Call:
    """The call of one of :func:`mixtures_of`: how many tokens each expert gets is the workload's routing."""
    combine = next(op for op in operators if op.kind == COMBINE)
    gates = [_gate(workload, down) for down in _downs(workload, combine)]
    problems = [product_of(gate, workload.tensors) for gate in gates]
    tokens = workload.tensors[combine.outputs[0].tensor].elements // problems[0].K
    slots = sum(each.batch * each.M for each in problems)
    sizes = {
        "tokens": float(tokens),
        "hidden": float(problems[0].K),
        "inter": float(problems[0].N),
        "topk": slots / tokens,
        "experts": float(sum(each.batch for each in problems)),
        "tp": 1.0,
    }
    loads = counted([(each.batch, each.M) for each in problems])
    return Call("moe", datatype, sizes, {"distribution": loads}, fresh=True)


def _downs(workload: Workload, combine: Operator) -> tuple[Operator, ...]:
    """The last product of each batch of experts that ``combine`` adds up; none where one is not gated."""
    products = tuple(op for op in _makers(workload, combine) if op.is_contraction)
    return products if all(_is_gated(workload, down) for down in products) else ()


def _is_gated(workload: Workload, down: Operator) -> bool:
    names = _expert(workload, down)
    kinds = [workload.by_name[name].kind for name in names]
    products = sum(workload.by_name[name].is_contraction for name in names)
    return products == PRODUCTS and kinds.count(DISPATCH) == 1


def _gate(workload: Workload, down: Operator) -> Operator:
    """The first product of the experts that end with ``down``."""
    names = _expert(workload, down)
    return next(op for op in workload.operators if op.name in names and op.is_contraction)


def _expert(workload: Workload, down: Operator) -> set[str]:
    """Names of the operators from the dispatch of the tokens to ``down``."""
    return _upstream(workload, [down], lambda op: op.kind != DISPATCH)


def _router(workload: Workload, combine: Operator) -> set[str]:
    """Names of the operators that make weights and choices of the router's product, without it."""
    others = [op for op in _makers(workload, combine) if not op.is_contraction]
    found = _upstream(workload, others, lambda op: not op.is_contraction)
    return {name for name in found if not workload.by_name[name].is_contraction}


def _upstream(workload: Workload, ends: list[Operator], passes: Callable[[Operator], bool]) -> set[str]:
    """Names of ``ends`` and of all they are made from, nothing behind operators that do not pass."""
    found = {op.name for op in ends}
    front = list(ends)
    while front:
        op = front.pop()
        makers = _makers(workload, op) if passes(op) else []
        front += [maker for maker in makers if maker.name not in found]
        found |= {maker.name for maker in makers}
    return found


def _makers(workload: Workload, op: Operator) -> list[Operator]:
    """The operators that produce what ``op`` reads."""
    names = [workload.producers.get(part.tensor) for part in op.inputs]
    return [workload.by_name[name] for name in names if name]
