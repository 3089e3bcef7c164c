"""Streams of requests: named patterns with parameters, made from a seed alone.

The patterns are those of hwsim's reference data for DRAM, word for word, so that a row of it can be run
again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.dram.address import AddressMap, Numbers
from hwsim.engines.dram.splitmix import units, words
from hwsim.spec.errors import InputError, did_you_mean

MOST = 10**8


@dataclass(frozen=True, slots=True)
class Stream:
    """Requests in the order of arrival: cycles, addresses in requests, and which are writes."""

    arrival: Numbers
    unit: Numbers
    is_write: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Question:
    """What a pattern is asked for: ``count`` requests of ``seed`` with its ``parameters``.

    ``draws`` is how many random numbers a request takes after the pattern's own: one if some are writes.
    """

    count: int
    seed: int
    addresses: AddressMap
    parameters: Mapping[str, str]
    draws: int

    @property
    def index(self) -> Numbers:
        """The number of each request."""
        return np.arange(self.count, dtype=np.int64)

    @property
    def banks(self) -> int:
        """Banks of a channel."""
        sizes = self.addresses.sizes
        return sizes["ra"] * sizes["bg"] * sizes["ba"]

    def whole(self, name: str, default: int | None, least: int = 0) -> int:
        """The whole number given for a parameter.

        Raises:
            InputError: it is missing, not whole, or below ``least``.
        """
        text = self.parameters.get(name, None if default is None else str(default))
        if text is None:
            raise InputError(f"the pattern needs {name}=NUMBER")
        try:
            value = int(text)
        except ValueError:
            raise InputError(f"{name}: {text!r} is not a whole number") from None
        if not least <= value <= 2**40:
            raise InputError(f"{name} must be from {least} to 2^40, got {value}")
        return value

    def share(self, name: str, default: float | None) -> float:
        """The number from 0 to 1 given for a parameter.

        Raises:
            InputError: it is missing or something else.
        """
        text = self.parameters.get(name, None if default is None else str(default))
        if text is None:
            raise InputError(f"the pattern needs {name}=SHARE, from 0 to 1")
        try:
            value = float(text)
        except ValueError:
            raise InputError(f"{name}: {text!r} is not a number") from None
        if not 0 <= value <= 1:
            raise InputError(f"{name} must be from 0 to 1, got {text}")
        return value


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern: what it is, the parameters of its own, its addresses and where its random writes are
    drawn.
    """

    says: str
    parameters: tuple[str, ...]
    addresses: Callable[[Question], Numbers]
    own_draws: int = 0


def stream(text: str, count: int, seed: int, addresses: AddressMap) -> Stream:
    """The requests of ``pattern[:key=value,...]``; every pattern takes ``w`` (share of writes) and ``gap``.

    Raises:
        InputError: no such pattern, or a parameter that it does not have or that has no meaning.
    """
    name, parameters = _parsed(text)
    if not 1 <= count <= MOST:
        raise InputError(f"the number of requests must be from 1 to {MOST}, got {count}")
    question = Question(count, seed, addresses, parameters, 0)
    share, gap = question.share("w", 0.0), question.whole("gap", 0)
    question = Question(count, seed, addresses, parameters, 1 if share > 0 else 0)
    if name == "copy":
        unit, is_write = _copy(question)
    elif name == "local":
        unit, is_write = _local(question, share)
    else:
        unit, is_write = (
            PATTERNS[name].addresses(question),
            _writes(question, PATTERNS[name].own_draws, share),
        )
    return Stream(question.index * gap, unit, is_write)


def _parsed(text: str) -> tuple[str, dict[str, str]]:
    name, _, rest = text.partition(":")
    if name not in PATTERNS:
        raise InputError(f"there is no pattern {name!r}", hint=did_you_mean(name, PATTERNS))
    parameters = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        known = (*PATTERNS[name].parameters, "w", "gap")
        if key not in known:
            raise InputError(f"the pattern {name} has no parameter {key!r}", hint=did_you_mean(key, known))
        if not equals or not value:
            raise InputError(f"{key} has no value", hint=f"{name}:{key}=VALUE")
        parameters[key] = value
    return name, parameters


def _writes(question: Question, own_draws: int, share: float) -> NDArray[np.bool_]:
    if share <= 0:
        return np.zeros(question.count, np.bool_)
    each = own_draws + question.draws
    drawn: NDArray[np.bool_] = units(question.seed, question.index * each + own_draws) < share
    return drawn


def _seq(question: Question) -> Numbers:
    return (question.index + question.whole("start", 0)) % question.addresses.units


def _stride(question: Question) -> Numbers:
    return question.index * question.whole("k", None) % question.addresses.units


def _rand(question: Question) -> Numbers:
    drawn = words(question.seed, question.index * (1 + question.draws))
    return (drawn % np.uint64(question.addresses.units)).astype(np.int64)


def _rowconf(question: Question) -> Numbers:
    return question.addresses.encode(ro=question.index)


def _pingpong(question: Question) -> Numbers:
    i, burst = question.index, question.whole("burst", 2, least=1)
    return question.addresses.encode(ro=i // burst % 2 + 2 * (i // (2 * burst)), co=i % burst)


def _bankpar(question: Question) -> Numbers:
    sizes, bank = question.addresses.sizes, question.index % question.banks
    return question.addresses.encode(
        ro=question.index // question.banks,
        bg=bank % sizes["bg"],
        ba=bank // sizes["bg"] % sizes["ba"],
        ra=bank // (sizes["bg"] * sizes["ba"]),
    )


def _samebg(question: Question) -> Numbers:
    sizes = question.addresses.sizes
    k = question.index // sizes["ba"]
    return question.addresses.encode(ro=k // sizes["co"], ba=question.index % sizes["ba"], co=k)


def _xbg(question: Question) -> Numbers:
    sizes = question.addresses.sizes
    k = question.index // sizes["bg"]
    return question.addresses.encode(ro=k // sizes["co"], bg=question.index % sizes["bg"], co=k)


def _copy(question: Question) -> tuple[Numbers, NDArray[np.bool_]]:
    """Reads of one range and writes to another, ``b`` at a time."""
    b, total = question.whole("b", 1, least=1), question.addresses.units
    block, k = question.index // (2 * b), question.index % (2 * b)
    is_write: NDArray[np.bool_] = k >= b
    target = total // 2 + 17 * question.addresses.sizes["co"]
    unit = block * b + np.where(is_write, k - b + target, k)
    return unit % total, is_write


def _local(question: Question, share: float) -> tuple[Numbers, NDArray[np.bool_]]:
    """One request after the other: how many random numbers each takes depends on what they say."""
    stay, total, draws = question.share("p", None), question.addresses.units, question.draws
    numbers = np.arange(question.count * (2 + draws), dtype=np.int64)
    raw, fractions = words(question.seed, numbers).tolist(), units(question.seed, numbers).tolist()
    unit, is_write = np.zeros(question.count, np.int64), np.zeros(question.count, np.bool_)
    here, drawn = 0, 0
    for i in range(question.count):
        leaves = i == 0
        if i > 0:
            leaves = fractions[drawn] >= stay
            drawn += 1
        here = raw[drawn] % total if leaves else (here + 1) % total
        unit[i] = here
        drawn += leaves
        if draws:
            is_write[i] = fractions[drawn] < share
            drawn += 1
    return unit, is_write


def _copied(question: Question) -> Numbers:
    return _copy(question)[0]


def _stayed(question: Question) -> Numbers:
    return _local(question, question.share("w", 0.0))[0]


PATTERNS: Mapping[str, Pattern] = {
    "seq": Pattern("consecutive addresses from start", ("start",), _seq),
    "stride": Pattern("addresses k requests apart", ("k",), _stride),
    "rand": Pattern("addresses at random", (), _rand, own_draws=1),
    "rowconf": Pattern("one bank, a new row each time", (), _rowconf),
    "pingpong": Pattern("one bank, burst hits a row, two rows in turn", ("burst",), _pingpong),
    "bankpar": Pattern("the banks in turn, a new row each round", (), _bankpar),
    "samebg": Pattern("row hits in the banks of one bank group", (), _samebg),
    "xbg": Pattern("row hits in the bank groups in turn", (), _xbg),
    "local": Pattern("the next address with probability p, else one at random", ("p",), _stayed),
    "copy": Pattern("reads of one range, writes to another, b at a time", ("b",), _copied),
}
