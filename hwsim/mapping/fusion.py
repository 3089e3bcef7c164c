"""Which operators run together: a contraction and the element-wise work that follows it."""

from __future__ import annotations

from collections.abc import Callable

from hwsim.workload.operator import Operator
from hwsim.workload.workload import Workload

Group = tuple[Operator, ...]


def single_groups(workload: Workload, fused: tuple[Group, ...] = ()) -> tuple[Group, ...]:
    """Every operator on its own, but for groups ``fused`` already, which stay where their last one is."""
    return epilogue_groups(workload, lambda _anchor, _follower: False, fused)


def epilogue_groups(
    workload: Workload, together: Callable[[Operator, Operator], bool], fused: tuple[Group, ...] = ()
) -> tuple[Group, ...]:
    """Element-wise operators joined to the contraction whose result only they read.

    A chain grows while its last result has one reader, that reader is element-wise, keeps the number of
    elements, can run ``together`` with the contraction, and everything else it reads is there when the
    contraction starts. Groups come in an order that respects the data; those ``fused`` already stay as they
    are, where their last operator is.
    """
    by_name = {operator.name: operator for operator in workload.operators}
    whole = {group[-1].name: group for group in fused}
    taken = {member.name for group in fused for member in group} - set(whole)
    done: set[str] = set()
    groups: list[Group] = []
    for operator in workload.operators:
        if operator.name in taken:
            continue
        chain = list(whole.get(operator.name, (operator,)))
        while operator.is_contraction and operator.name not in whole:
            follower = _follower(workload, by_name, chain, done)
            if follower is None or follower.name in taken or not together(operator, follower):
                break
            chain.append(follower)
        taken.update(member.name for member in chain)
        done.update(out.tensor for member in chain for out in member.outputs)
        groups.append(tuple(chain))
    return tuple(groups)


def _follower(
    workload: Workload, by_name: dict[str, Operator], chain: list[Operator], done: set[str]
) -> Operator | None:
    if len(chain[-1].outputs) != 1:
        return None
    tensor = chain[-1].outputs[0].tensor
    readers = workload.consumers.get(tensor, ())
    if len(readers) != 1 or workload.tensors[tensor].kind != "activation":
        return None
    follower = by_name[readers[0]]
    return follower if _can_follow(workload, follower, tensor, done) else None


def _can_follow(workload: Workload, follower: Operator, tensor: str, done: set[str]) -> bool:
    if not follower.is_elementwise or len(follower.outputs) != 1:
        return False
    out = follower.outputs[0].tensor
    if workload.tensors[out].elements != workload.tensors[tensor].elements:
        return False
    others = [part.tensor for part in follower.inputs if part.tensor != tensor]
    return all(other in done or other not in workload.producers for other in others)
