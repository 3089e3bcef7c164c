"""A relaxation of a problem: some of its operators, and a share of the cost of some of its tensors.

Take any schedule of the whole and strike out every other operator and tensor: what is left is a schedule of
the part, within the same scratchpad, and each tensor comes back at most as often as it did. So a tensor's
cost may be shared out among parts, and the optima of the parts add up to a lower bound for the whole.
"""

from __future__ import annotations

from collections.abc import Mapping

from hwsim.schedule.indexed import Indexed, bits

SHARES = 64
"""A tensor's cost is shared out in this many equal pieces; costs of a part are in bytes / SHARES."""


def part_of(indexed: Indexed, operators: int, shares: Mapping[int, int]) -> Indexed:
    """The part with the operators of a mask and ``shares`` (of SHARES) of the cost of each tensor.

    Tensors without a share still take room while an operator uses them, and none in between.
    """
    places = {operator: place for place, operator in enumerate(bits(operators))}
    kept = [tensor for tensor, share in sorted(shares.items()) if share]
    numbers = {tensor: number for number, tensor in enumerate(kept)}

    def narrowed(mask: int, names: Mapping[int, int]) -> int:
        return sum(1 << names[index] for index in bits(mask) if index in names)

    def chosen(relation: tuple[int, ...], names: Mapping[int, int]) -> tuple[int, ...]:
        return tuple(narrowed(relation[operator], names) for operator in places)

    ancestors = chosen(indexed.ancestors, places)
    return Indexed(
        problem=indexed.problem,
        unit=indexed.unit,
        capacity=indexed.capacity,
        size=tuple(indexed.size[tensor] for tensor in kept),
        fetch_cost=tuple(indexed.fetch_cost[tensor] * shares[tensor] for tensor in kept),
        writeback_cost=tuple(indexed.writeback_cost[tensor] * shares[tensor] for tensor in kept),
        inputs=chosen(indexed.inputs, numbers),
        outputs=chosen(indexed.outputs, numbers),
        demand=tuple(indexed.demand[operator] for operator in places),
        in_place=(-1,) * len(places),
        producer=tuple(places.get(indexed.producer[tensor], -1) for tensor in kept),
        consumers=tuple(narrowed(indexed.consumers[tensor], places) for tensor in kept),
        predecessors=ancestors,
        ancestors=ancestors,
        descendants=chosen(indexed.descendants, places),
    )
