"""An Einsum in a line: ``O[n,k,p,q] = I[n,c,2p+r,2q+s] * W[k,c,r,s]``, with the sizes of its ranks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hwsim.mapping.loopnest.problem import Dimension, Problem, Tensor
from hwsim.spec.errors import InputError

_TENSOR = r"\s*([A-Za-z]\w*)\s*\[([^\]]*)\]\s*"
_EINSUM = re.compile(rf"{_TENSOR}=\s*{_TENSOR}\*{_TENSOR}\Z")
_TERM = re.compile(r"([0-9]{0,6})\s*\*?\s*([A-Za-z]\w*)\Z")
_SIZE = re.compile(r"\s*([A-Za-z]\w*)\s*=\s*([0-9]{1,9})\s*\Z")
EXAMPLE = "such as 'C[m,n]=A[m,k]*B[k,n]', or 'O[k,p]=I[c,2p+r]*W[k,c,r]' for a stride of 2"


def sizes_of(text: str) -> dict[str, int]:
    """``m=1024,n=64`` as sizes.

    Raises:
        InputError: it is not, or a rank is given twice.
    """
    found: dict[str, int] = {}
    for part in filter(str.strip, text.split(",")):
        match = _SIZE.match(part)
        if match is None or int(match[2]) < 1:
            raise InputError(f"{part.strip()!r} is no size of a rank", hint="such as m=1024,n=1024,k=64")
        if match[1] in found:
            raise InputError(f"rank {match[1]!r} has two sizes", hint="give one")
        found[match[1]] = int(match[2])
    return found


def ranks_of(text: str) -> frozenset[str]:
    """The ranks of an Einsum.

    Raises:
        InputError: it is none.
    """
    return frozenset(rank for _, dimensions in _parts(text) for each in dimensions for rank, _ in each)


def problem_of(text: str, sizes: Mapping[str, int]) -> Problem:
    """The Einsum in ``text``: first operand, second operand and result are its input, weight and output.

    Raises:
        InputError: it is none, or its ranks and ``sizes`` do not match.
    """
    result, left, right = _parts(text)
    used = dict.fromkeys(
        rank for _, dimensions in (result, left, right) for each in dimensions for rank, _ in each
    )
    missing, unknown = [rank for rank in used if rank not in sizes], [r for r in sizes if r not in used]
    if missing:
        raise InputError(f"no size for {', '.join(missing)}", hint=f"--sizes {missing[0]}=...")
    if unknown:
        raise InputError(f"the Einsum has no rank {unknown[0]!r}", hint=f"its ranks are {', '.join(used)}")
    try:
        return Problem(
            result[0],
            {rank: sizes[rank] for rank in used},
            (Tensor(*left), Tensor(*right), Tensor(*result, True)),
        )
    except ValueError as error:
        raise InputError(f"{text!r}: {error}", hint=EXAMPLE) from error


def _parts(text: str) -> tuple[tuple[str, tuple[Dimension, ...]], ...]:
    """Result, left and right operand: names and coordinates."""
    match = _EINSUM.match(text)
    if match is None:
        raise InputError(f"{text!r} is no Einsum of two operands", hint=EXAMPLE)
    return tuple((match[at], _dimensions(match[at + 1])) for at in (1, 3, 5))


def _dimensions(text: str) -> tuple[Dimension, ...]:
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    return tuple(tuple(_term(term) for term in part.split("+")) for part in parts)


def _term(text: str) -> tuple[str, int]:
    match = _TERM.match(text.strip())
    if match is None or match[1] == "0":
        raise InputError(f"{text!r} is no coordinate of a tensor", hint=EXAMPLE)
    return match[2], int(match[1] or 1)
