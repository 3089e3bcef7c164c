"""Which question ``hwsim mapper`` is asked, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, Literal

from hwsim.spec.errors import InputError, did_you_mean

OBJECTIVES: tuple[Literal["energy", "latency", "edp", "pareto"], ...] = ("energy", "latency", "edp", "pareto")
PRODUCT = "C[m,n]=A[m,k]*B[k,n]"


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command line."""

    m: int | None
    n: int | None
    k: int | None
    capacity: int | None
    einsum: str | None
    sizes: str
    machine: str | None
    objective: str
    rules: Path | None
    bits: int | None
    time_limit: float | None
    slope: bool

    @property
    def einsum_and_sizes(self) -> tuple[str, str]:
        """The Einsum that is meant: a product where three axes are given.

        Raises:
            InputError: neither is given, or both are.
        """
        axes = {"m": self.m, "n": self.n, "k": self.k}
        given = [axis for axis, size in axes.items() if size is not None]
        if self.einsum is not None and not given:
            return self.einsum, self.sizes
        if self.einsum is not None or len(given) < 3:
            lacks = ", ".join(f"--{axis}" for axis in axes if axis not in given)
            problem = "both --einsum and a product are given" if self.einsum else f"a product lacks {lacks}"
            raise InputError(problem, hint="give --m, --n and --k, or --einsum and --sizes")
        return PRODUCT, ",".join(f"{axis}={size}" for axis, size in axes.items())


def answer_of(asked: Asked) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The kind of answer, its inputs, and the answer itself.

    Raises:
        InputError: some input is at fault, or nothing fits.
    """
    einsum, sizes = asked.einsum_and_sizes
    if asked.slope:
        return "slope", {"problem": {"einsum": einsum, "sizes": sizes}}, _slope(einsum, sizes)
    if asked.machine is None:
        return _optimum(asked)
    from hwsim.explore.best_nest import Question, best_nest

    objective = next((each for each in OBJECTIVES if each == asked.objective), None)
    if objective is None:
        hint = did_you_mean(asked.objective, OBJECTIVES)
        raise InputError(f"there is no objective {asked.objective!r}", hint=hint)
    limit = inf if asked.time_limit is None else asked.time_limit
    question = Question(einsum, sizes, asked.machine, objective, asked.rules, asked.bits, limit)
    inputs = {"problem": {"einsum": einsum, "sizes": sizes}, "machine": {"name": asked.machine}}
    return "nest", inputs, best_nest(question)


def _optimum(asked: Asked) -> tuple[str, dict[str, Any], dict[str, Any]]:
    from hwsim.mapping.one_buffer.answer import mapper_answer
    from hwsim.mapping.one_buffer.model import Sizes

    if asked.einsum is not None or asked.capacity is None:
        raise InputError("no machine is given", hint="--machine NAME; or --capacity for a product")
    assert asked.m is not None
    assert asked.n is not None
    assert asked.k is not None
    problem = {"m": asked.m, "n": asked.n, "k": asked.k, "capacity_words": asked.capacity}
    found = mapper_answer(Sizes(asked.m, asked.n, asked.k), asked.capacity)
    return "optimum", {"problem": problem}, found


def _slope(einsum: str, sizes: str) -> dict[str, Any]:
    from hwsim.mapping.exact.slope import ski_slope
    from hwsim.mapping.loopnest.einsum import problem_of, sizes_of

    try:
        steps = ski_slope(problem_of(einsum, sizes_of(sizes)))
    except ValueError as error:
        raise InputError(f"{einsum!r}: {error}") from error
    return {"slope": [{"capacity_words": each.capacity_words, "words": each.words} for each in steps]}
