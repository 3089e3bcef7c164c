"""Chains of operators that lose nothing by running one right after the other, as single operators.

``b`` follows ``a`` at once where it reads what ``a`` made, alone, and nothing else that is made, and where
what surely dies with ``a`` leaves room for all that ``b`` brings: then ``b`` fits whatever is carried over
``a``, and its result can lie wherever the schedule kept (or paid for) the tensor between them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hwsim.schedule.indexed import Indexed, ancestors_of, bits, mask_of
from hwsim.schedule.plan import Plan, carried_masks, plan_from_keeps


@dataclass(frozen=True, slots=True)
class Contracted:
    """``indexed`` with one operator for each chain of ``whole``; tensors inside chains have no users."""

    whole: Indexed
    indexed: Indexed
    chains: tuple[tuple[int, ...], ...]

    def expanded(self, plan: Plan) -> Plan:
        """A plan of the chains as one of their operators."""
        order: list[int] = []
        keeps: dict[int, int] = {}
        for number, carried in zip(plan.order, carried_masks(plan), strict=True):
            chain = self.chains[number]
            for place, operator in enumerate(chain):
                inside = self.indexed.inputs[number] | self.whole.outputs[chain[place - 1]]
                keeps[len(order)] = carried | (inside if place else 0)
                order.append(operator)
        return plan_from_keeps(self.whole, tuple(order), keeps)

    def order_of(self, plan: Plan) -> tuple[int, ...]:
        """The chains in the order in which a plan of the whole begins them."""
        step_of = {operator: step for step, operator in enumerate(plan.order)}
        return tuple(sorted(range(len(self.chains)), key=lambda chain: step_of[self.chains[chain][0]]))


def contracted(indexed: Indexed) -> Contracted:
    """The problem with its chains as operators."""
    follower = _followers(indexed)
    behind = set(follower.values())
    chains = tuple(
        tuple(_chain(follower, operator)) for operator in range(indexed.operators) if operator not in behind
    )
    return Contracted(indexed, _joined(indexed, chains), chains)


def _chain(follower: dict[int, int], operator: int) -> list[int]:
    chain = [operator]
    while chain[-1] in follower:
        chain.append(follower[chain[-1]])
    return chain


def _followers(indexed: Indexed) -> dict[int, int]:
    """By operator, the one that may follow it at once."""
    found: dict[int, int] = {}
    for operator in range(indexed.operators):
        before = _maker(indexed, operator)
        if before is not None and before not in found and _leaves_room(indexed, before, operator):
            found[before] = operator
    return found


def _maker(indexed: Indexed, operator: int) -> int | None:
    """Who alone makes what the operator reads, for it alone; None where that is not so."""
    made = [tensor for tensor in bits(indexed.inputs[operator]) if indexed.producer[tensor] >= 0]
    if len(made) != 1 or indexed.consumers[made[0]] != 1 << operator:
        return None
    maker = indexed.producer[made[0]]
    only = indexed.outputs[maker] == 1 << made[0]
    needs_no_other = not indexed.ancestors[operator] & ~(indexed.ancestors[maker] | 1 << maker)
    apart = indexed.in_place[operator] < 0 and indexed.in_place[maker] < 0
    return maker if only and needs_no_other and apart else None


def _leaves_room(indexed: Indexed, before: int, operator: int) -> bool:
    between = indexed.outputs[before]
    brought = indexed.inputs[operator] & ~between
    if any(indexed.consumers[tensor] != 1 << operator for tensor in bits(brought)):
        return False
    lasting = mask_of(t for t in bits(indexed.inputs[before]) if indexed.consumers[t] != 1 << before)
    result = mask_of(tensor for tensor in bits(indexed.outputs[operator]) if indexed.consumers[tensor])
    return (
        indexed.demand[operator] + indexed.units(lasting) <= indexed.demand[before]
        and indexed.units(result) <= indexed.units(between)
        and indexed.eviction_cost(result, result) <= indexed.eviction_cost(between, between)
        and indexed.eviction_cost(result, 0) <= indexed.eviction_cost(between, 0)
    )


def _joined(indexed: Indexed, chains: tuple[tuple[int, ...], ...]) -> Indexed:
    place = {operator: number for number, chain in enumerate(chains) for operator in chain}

    def placed(operators: int) -> int:
        return mask_of({place[operator] for operator in bits(operators)})

    inside = sum(indexed.outputs[operator] for chain in chains for operator in chain[:-1])
    inputs = tuple(sum(indexed.inputs[operator] & ~inside for operator in chain) for chain in chains)
    before = tuple(placed(indexed.ancestors[chain[0]]) for chain in chains)
    ancestors = ancestors_of(before)
    descendants = tuple(placed(indexed.descendants[chain[-1]]) for chain in chains)
    return replace(
        indexed,
        inputs=inputs,
        outputs=tuple(indexed.outputs[chain[-1]] for chain in chains),
        demand=tuple(max(indexed.demand[operator] for operator in chain) for chain in chains),
        in_place=tuple(indexed.in_place[chain[0]] for chain in chains),
        producer=tuple(
            -1 if owner < 0 or inside >> tensor & 1 else place[owner]
            for tensor, owner in enumerate(indexed.producer)
        ),
        consumers=tuple(
            0 if inside >> tensor & 1 else placed(readers) for tensor, readers in enumerate(indexed.consumers)
        ),
        predecessors=before,
        ancestors=ancestors,
        descendants=descendants,
    )
