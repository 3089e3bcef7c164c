"""A second interpreter: one scalar at a time, by recursion from the element wanted."""

from __future__ import annotations

import itertools
import math

from hwsim.einsum.terms import (
    Access,
    Binary,
    Call,
    Fixed,
    Gather,
    Index,
    IndexValue,
    Last,
    Negative,
    Number,
    Shifted,
    Size,
    Window,
)

FUNCTIONS = {
    "exp": math.exp,
    "log": lambda x: math.log(x) if x > 0 else math.nan,
    "sqrt": math.sqrt,
    "rsqrt": lambda x: 1 / math.sqrt(x) if x > 0 else math.nan,
    "square": lambda x: x * x,
    "abs": abs,
    "round": round,
    "max": max,
    "min": min,
    "relu": lambda x: max(x, 0),
    "silu": lambda x: x / (1 + math.exp(-x)),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "tanh": math.tanh,
    "softplus": lambda x: math.log1p(math.exp(x)),
    "lt": lambda x, y: x < y,
    "le": lambda x, y: x <= y,
    "eq": lambda x, y: x == y,
    "where": lambda condition, x, y: x if condition else y,
}
REDUCERS = {
    "sum": sum,
    "prod": math.prod,
    "max": max,
    "min": min,
    "mean": lambda fiber: sum(fiber) / len(fiber),
    "argmax": lambda fiber: fiber.index(max(fiber)),
    "argmin": lambda fiber: fiber.index(min(fiber)),
}


class ScalarInterpreter:
    def __init__(self, cascade, arrays, sizes):
        self.cascade = cascade
        self.arrays = arrays
        self.sizes = sizes
        self.known = {}

    def element(self, tensor, coords):
        key = tensor, coords
        if key not in self.known:
            self.known[key] = self.computed(tensor, coords)
        return self.known[key]

    def computed(self, tensor, coords):
        if tensor in self.arrays:
            array = self.arrays[tensor]
            inside = all(0 <= c < extent for c, extent in zip(coords, array.shape, strict=True))
            return array[coords].item() if inside else 0
        for position in reversed(self.cascade.writers[tensor]):
            value = self.left_point(position, coords)
            if value is not None:
                return self.combined(self.cascade.einsums[position], value)
        return 0

    def left_point(self, position, coords):
        """The indices at which an Einsum writes ``coords``; None where it does not."""
        value = {}
        for coord, at in zip(self.cascade.einsums[position].output.coords, coords, strict=True):
            if isinstance(coord, Fixed):
                if coord.value != at:
                    return None
                continue
            value[coord.index] = at - getattr(coord, "offset", 0)
            if not 0 <= value[coord.index] < self.size(coord.index):
                return None
        return value

    def size(self, index):
        return self.sizes[self.cascade.rank_of(index)]

    def combined(self, einsum, value):
        listed = einsum.head.indices if einsum.head else ()
        if not listed:
            return self.total(einsum, value)
        sizes = [range(self.size(index)) for index in listed]
        points = [dict(zip(listed, point, strict=True)) for point in itertools.product(*sizes)]
        fiber = [self.total(einsum, {**value, **point}) for point in points]
        operator = einsum.head.operator
        if operator in REDUCERS:
            return REDUCERS[operator](fiber)
        count = int(operator.removeprefix("top"))
        own = points.index({index: value[index] for index in listed})
        return fiber[own] if own in sorted(range(len(fiber)), key=lambda at: -fiber[at])[:count] else 0

    def total(self, einsum, value):
        """The sum over the reduced indices that ``value`` does not set."""
        summed = [index for index in einsum.reduced if index not in value]
        if not summed:
            return self.at(einsum.expression, value)
        points = itertools.product(*(range(self.size(index)) for index in summed))
        return sum(
            self.at(einsum.expression, {**value, **dict(zip(summed, point, strict=True))}) for point in points
        )

    def at(self, expression, value):
        match expression:
            case Access():
                return self.read(expression, value)
            case Number(number):
                return number
            case Size(rank):
                return math.prod(self.sizes[leaf] for leaf in self.cascade.partitions.get(rank, (rank,)))
            case IndexValue(index):
                return value[index]
            case Negative(operand):
                return -self.at(operand, value)
            case Call(function, arguments):
                return FUNCTIONS[function](*(self.at(argument, value) for argument in arguments))
            case Binary(operator, left, right):
                x, y = self.at(left, value), self.at(right, value)
                return {"+": x + y, "-": x - y, "*": x * y}[operator] if operator != "/" else x / y

    def read(self, access, value):
        coords = tuple(self.coord(access, number, value) for number in range(len(access.coords)))
        return self.element(access.tensor, coords)

    def coord(self, access, number, value):
        match access.coords[number]:
            case Index(index):
                return value[index]
            case Shifted(index, offset):
                return value[index] + offset
            case Window(index, tap):
                return value[index] + value[tap]
            case Fixed(at):
                return at
            case Gather(pointer):
                return int(self.read(pointer, value))
            case Last(rank):
                shift = 0
                if access.tensor in self.cascade.producers:
                    einsum = self.cascade.einsums[self.cascade.producers[access.tensor]]
                    shift = getattr(einsum.output.coords[number], "offset", 0)
                return self.sizes[rank] - 1 + shift
