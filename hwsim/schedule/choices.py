"""What a user types, as values: sizes, solver names and time limits."""

from __future__ import annotations

from hwsim.schedule.solve import SolveOptions, Solver
from hwsim.spec.amount import parse_whole
from hwsim.spec.errors import InputError, did_you_mean
from hwsim.spec.units import SIZE


def size_in_bytes(text: str, option: str) -> int:
    """``"256KiB"`` or a plain number of bytes.

    Raises:
        InputError: no size, or one that is not positive.
    """
    size = int(text) if text.strip().isdecimal() else parse_whole(text, SIZE)
    if size <= 0:
        raise InputError(f"{option}: {text!r} is not a positive size")
    return size


def solve_options(solver: str, time_limit_s: float) -> SolveOptions:
    """Options from the command line.

    Raises:
        InputError: an unknown solver or a time limit that is not positive.
    """
    if solver not in list(Solver):
        raise InputError(
            f"--solver: unknown {solver!r}", hint=did_you_mean(solver, [known.value for known in Solver])
        )
    return SolveOptions(Solver(solver), checked_limit(time_limit_s))


def checked_limit(time_limit_s: float) -> float:
    """A time limit in seconds.

    Raises:
        InputError: not a positive number.
    """
    if not 0 < time_limit_s < float("inf"):
        raise InputError(f"--time-limit: {time_limit_s} is not a positive number of seconds")
    return time_limit_s
