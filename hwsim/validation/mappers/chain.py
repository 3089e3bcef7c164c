"""Einsums and sizes out of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hwsim.mapping.loopnest.problem import Problem, Tensor, simple
from hwsim.spec.errors import InputError

_ACCESS = r"([A-Za-z]\w*)\s*\[([a-z](?:\s*,\s*[a-z])*)\]"
_EINSUM = re.compile(rf"{_ACCESS}\s*=\s*{_ACCESS}\s*\*\s*{_ACCESS}")
_SIZES = re.compile(r"((?:[A-Z]\s*=\s*)+)([0-9]{1,12})\b")
_BITS = re.compile(r"([0-9]{1,4}) bits? every tensor")
_SAME = re.compile(r"\bsame ([\w-]+(?: [\w-]+)*?) ?,")


@dataclass(frozen=True)
class Workload:
    """Einsums in order, and the bits of an element of every tensor."""

    einsums: tuple[Problem, ...]
    bits: int

    @property
    def tensor_bits(self) -> dict[str, int]:
        """The width of every tensor."""
        return {tensor.name: self.bits for einsum in self.einsums for tensor in einsum.tensors}


def workload_of(text: str, earlier: Iterable[str]) -> Workload:
    """What ``text`` describes; where it says "same ...", the text of ``earlier`` that has those words.

    Raises:
        InputError: it has no Einsum, no size for a rank, or no width.
    """
    if not _EINSUM.search(text):
        text = _meant(text, earlier)
    sizes = {
        letter.lower(): int(size)
        for letters, size in _SIZES.findall(_EINSUM.sub("", text))
        for letter in re.findall("[A-Z]", letters)
    }
    bits = _BITS.search(text)
    if bits is None:
        raise InputError(f"the workload {text!r} says no width", hint="such as '8 bits every tensor'")
    return Workload(tuple(_problem(match, sizes) for match in _EINSUM.finditer(text)), int(bits[1]))


def _meant(text: str, earlier: Iterable[str]) -> str:
    same = _SAME.search(text)
    found = [each for each in earlier if same and same[1] in each and _EINSUM.search(each)]
    if not found:
        raise InputError(f"the workload {text!r} has no Einsum", hint="such as 'C[m,n]=A[m,k]*B[k,n]'")
    return found[-1]


def _problem(match: re.Match[str], sizes: Mapping[str, int]) -> Problem:
    parts = list(match.groups())
    names, indices = parts[::2], [tuple(re.findall("[a-z]", each)) for each in parts[1::2]]
    ranks = sorted({rank for each in indices for rank in each})
    missing = [rank for rank in ranks if rank not in sizes]
    if missing:
        raise InputError(f"{match[0]} has no size for {', '.join(missing)}", hint="such as 'M=N=512'")
    result, left, right = zip(names, indices, strict=True)
    return Problem(
        names[0],
        {rank: sizes[rank] for rank in ranks},
        (
            Tensor(left[0], simple(*left[1])),
            Tensor(right[0], simple(*right[1])),
            Tensor(result[0], simple(*result[1]), True),
        ),
    )
