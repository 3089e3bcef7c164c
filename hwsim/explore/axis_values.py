"""The values of an axis: those listed, or those of a range."""

from __future__ import annotations

from fractions import Fraction

from hwsim.explore.amounts import exact, plain, scale, written
from hwsim.explore.study import Axis, AxisValue
from hwsim.spec.errors import InputError

MOST_VALUES = 100_000
"""More values on one axis than anybody means."""


def values_of(axis: list[AxisValue] | Axis) -> tuple[AxisValue, ...]:
    """The values in order, none twice.

    Raises:
        InputError: a range that has no values, or ends of different kinds.
    """
    if isinstance(axis, list):
        return distinct(axis)
    return distinct(axis.values) if axis.values is not None else distinct(_range(axis))


def distinct(values: list[AxisValue]) -> tuple[AxisValue, ...]:
    """``values`` without repetitions; 1 and True are not the same."""
    return tuple({(type(value), str(value)): value for value in values}.values())


def _range(axis: Axis) -> list[AxisValue]:
    first, unit = exact(axis.start)
    last = _in(unit, axis.to)
    if axis.steps is not None:
        numbers = _spread(first, last, axis.steps, axis.scale)
    elif axis.factor is not None:
        numbers = _multiplied(first, last, Fraction(str(axis.factor)))
    else:
        numbers = _stepped(first, last, _in(unit, axis.step))
    whole = unit == "" and first.denominator == last.denominator == 1 and axis.step is None
    return [round(number) if whole else written(number, unit) for number in numbers]


def _in(unit: str, value: object) -> Fraction:
    """``value`` in ``unit``."""
    number, own = exact(value)
    (factor, measures), (own_factor, own_measures) = scale(unit), scale(own)
    if measures != own_measures:
        raise InputError(
            f"the ends of the range are of different kinds: {unit or 'no unit'}, {own or 'no unit'}"
        )
    return number * own_factor / factor


def _spread(first: Fraction, last: Fraction, steps: int, how: str) -> list[Fraction]:
    _bounded(steps)
    if steps == 1:
        return [first]
    shares = [Fraction(place, steps - 1) for place in range(steps)]
    if how == "linear":
        return [first + (last - first) * share for share in shares]
    if first <= 0 or last <= 0:
        raise InputError("a logarithmic range begins and ends above 0")
    inner = [Fraction(float(first) * float(last / first) ** float(share)) for share in shares[1:-1]]
    return [first, *inner, last]


def _multiplied(first: Fraction, last: Fraction, factor: Fraction) -> list[Fraction]:
    if first <= 0 or last < first:
        raise InputError("a range with a factor begins above 0 and ends no lower")
    found = [first]
    while found[-1] * factor <= last:
        found.append(found[-1] * factor)
        _bounded(len(found))
    return found


def _stepped(first: Fraction, last: Fraction, step: Fraction) -> list[Fraction]:
    if step == 0 or (last - first) * step < 0:
        raise InputError(f"a step of {plain(step)} does not lead from {plain(first)} to {plain(last)}")
    count = int((last - first) / step) + 1
    _bounded(count)
    return [first + step * place for place in range(count)]


def _bounded(count: int) -> None:
    if count > MOST_VALUES:
        raise InputError(f"an axis of {count:,} values is longer than the {MOST_VALUES:,} that are allowed")
