"""Requests to a language model: when each arrives, how many tokens it brings and asks for.

Drawn from the laws of ``lengths.yaml`` with SplitMix64, so that a seed gives the same requests everywhere, or
read from a CSV with the columns ``arrival_s``, ``prompt`` and ``output``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import NormalDist

from pydantic import Field

from hwsim.spec.document import load_document
from hwsim.spec.errors import InputError, Position, did_you_mean
from hwsim.spec.files import read_text
from hwsim.spec.model import Spec, validate

FILE = Path(__file__).parent / "lengths.yaml"
COLUMNS = ("arrival_s", "prompt", "output")
LONGEST = 10**7
"""Tokens that no request has."""
LATEST = 1e9
"""Seconds after which no request arrives."""
_MASK = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Request:
    """``arrival`` in seconds; tokens of the ``prompt`` and of the answer (``output``), each at least one."""

    arrival: float
    prompt: int
    output: int

    @property
    def tokens(self) -> int:
        """Tokens in its cache when it is done: the last is never read again."""
        return self.prompt + self.output - 1


class Law(Spec):
    """A log-normal law."""

    median: float = Field(gt=0)
    """Its median."""
    mean: float = Field(gt=0)
    """Its mean, above the median."""
    source: str
    """Where both come from."""

    @property
    def spread(self) -> float:
        """Standard deviation of the logarithm."""
        return math.sqrt(2 * math.log(self.mean / self.median))

    def at(self, share: float) -> float:
        """The value below which ``share`` of all lie."""
        return self.median * math.exp(self.spread * NormalDist().inv_cdf(share))


class Dataset(Spec):
    """The lengths of a data set."""

    source: str
    """Where they come from."""
    prompt_mean: float = Field(gt=0)
    """Mean tokens of a prompt."""
    output_mean: float = Field(gt=0)
    """Mean tokens of an answer."""
    sum_median: float = Field(gt=0)
    """Median of prompt and answer together."""
    longest: int = Field(gt=1)
    """No request has more tokens together."""
    steady: Law
    """Tokens of the requests of a batch that has been running for long."""

    @property
    def sum(self) -> Law:
        """The law of prompt and answer together."""
        return Law(median=self.sum_median, mean=self.prompt_mean + self.output_mean, source=self.source)


class _File(Spec):
    datasets: dict[str, Dataset]


@cache
def datasets() -> dict[str, Dataset]:
    """All data sets by name."""
    return dict(validate(_File, load_document(FILE)).datasets)


def dataset_called(name: str) -> Dataset:
    """A data set.

    Raises:
        InputError: there is none of the name.
    """
    if name not in datasets():
        raise InputError(f"there are no requests called {name!r}", hint=did_you_mean(name, datasets()))
    return datasets()[name]


def uniform(seed: int) -> Iterator[float]:
    """SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) as numbers above 0 and below 1."""
    state = seed & _MASK
    while True:
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        yield ((z ^ (z >> 31)) // 2**11 + 0.5) / 2**53


def generated(name: str, n: int, rate: float | None, seed: int) -> tuple[Request, ...]:
    """``n`` requests of a data set, ``rate`` a second (exponential gaps), or all at once where it is None.

    Raises:
        InputError: there is no such data set, or a number is out of range.
    """
    if not 1 <= n <= 10**6:
        raise InputError(f"the number of requests must be from 1 to a million, got {n}")
    if rate is not None and not 1e-6 <= rate <= 1e9:
        raise InputError(f"the rate must be from 1e-6 to 1e9 requests a second, got {rate:g}")
    data, draw, now = dataset_called(name), uniform(seed), 0.0
    share = data.prompt_mean / (data.prompt_mean + data.output_mean)
    found = []
    for _ in range(n):
        total = min(data.longest, max(2, round(data.sum.at(next(draw)))))
        prompt = min(total - 1, max(1, round(total * share)))
        if rate is not None:
            now -= math.log(next(draw)) / rate
        found.append(Request(now, prompt, total - prompt))
    return tuple(found)


def steady_lengths(name: str, n: int, seed: int) -> tuple[int, ...]:
    """Tokens in the caches of ``n`` requests of a batch that has been running for long.

    Raises:
        InputError: there is no such data set.
    """
    data, draw = dataset_called(name), uniform(seed)
    return tuple(min(data.longest, max(1, round(data.steady.at(next(draw))))) for _ in range(n))


def read_requests(path: Path) -> tuple[Request, ...]:
    """The requests in a CSV file, in the order of their arrival.

    Raises:
        InputError: the file or a line of it is at fault, with its place.
    """
    lines = read_text(path).splitlines()
    header = next(csv.reader(lines[:1]), [])
    if [cell.strip() for cell in header] != list(COLUMNS):
        text = lines[0] if lines else ""
        message = f"the first line of a trace is {','.join(COLUMNS)!r}"
        raise InputError(message, Position(str(path), 1, 1, text))
    found = [_request(path, number, text) for number, text in enumerate(lines[1:], 2) if text.strip()]
    if not found:
        raise InputError("the trace has no requests", Position(str(path), 1, 1, lines[0]))
    return tuple(sorted(found, key=lambda each: each.arrival))


def _request(path: Path, line: int, text: str) -> Request:
    cells = text.split(",")
    if len(cells) != len(COLUMNS):
        message = f"{len(cells)} cells, a request has {len(COLUMNS)}: {', '.join(COLUMNS)}"
        raise InputError(message, Position(str(path), line, 1, text))
    places = [Position(str(path), line, sum(len(c) + 1 for c in cells[:at]) + 1, text) for at in range(3)]
    return Request(
        _seconds(cells[0], places[0]), *(_tokens(cells[at], COLUMNS[at], places[at]) for at in (1, 2))
    )


def _seconds(cell: str, place: Position) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 <= value <= LATEST:
        raise InputError(f"arrival_s: {cell.strip()!r} is no time in seconds from 0 on", place)
    return value


def _tokens(cell: str, column: str, place: Position) -> int:
    text = cell.strip()
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST:
        raise InputError(f"{column}: {text!r} is not a whole number of tokens from 1 on", place)
    return int(text)


def total_tokens(requests: Sequence[Request]) -> int:
    """Tokens asked for."""
    return sum(each.output for each in requests)
