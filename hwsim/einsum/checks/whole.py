"""What makes a cascade sensible: names known, indices bound, everything produced before it is read."""

from __future__ import annotations

from collections.abc import Callable

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.checks.declarations import check_declarations, check_families_whole
from hwsim.einsum.checks.order import check_order
from hwsim.einsum.checks.ranks import check_reads
from hwsim.einsum.checks.writes import check_writes
from hwsim.einsum.walk import plan_steps
from hwsim.spec.errors import Position
from hwsim.spec.nodes import Path

Locate = Callable[[Path], Position | None]
"""From a path in the cascade's file (``("inputs", "Q")``) to its place."""


def checked(cascade: Cascade, locate: Locate = lambda _: None) -> Cascade:
    """``cascade``, which makes sense.

    Raises:
        InputError: the first thing that is wrong, with its place and the offending Einsum.
    """
    check_writes(cascade)
    check_declarations(cascade, locate)
    for position in range(len(cascade.einsums)):
        check_reads(cascade, position)
    for position in range(len(cascade.einsums)):
        check_order(cascade, position)
    check_families_whole(cascade, locate)
    plan_steps(cascade)
    return cascade
