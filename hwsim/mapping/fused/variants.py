"""The cascades of a layer: those of the library, with what a layer does to its scores in between.

A mask by positions and the addition of biases (relative positions) are Einsums of their own behind the
scores. A scale is no Einsum: queries carry it, as the library's cascades say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.read import cascade_data, cascade_in, load_cascade
from hwsim.mapping.fused.configurations import Configuration, Phase
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.operations import MASKING
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.spec.document import Document, parse_document
from hwsim.spec.library import find

SCORES = ("QK", "BQK")
BIAS, MASKED, BIASED = "BIAS", "MQK", "SQK"


@cache
def attention_cascade(name: str, masked: bool, biases: int) -> Cascade:
    """The library's cascade ``name`` with a mask and so many biases on its scores."""
    base = load_cascade(find("cascade", name))
    added = score_einsums(masked, biases)
    return _with(base, added) if added else base


def score_einsums(masked: bool, biases: int) -> tuple[str, ...]:
    """The tensors that a layer makes of its scores before the softmax."""
    return (*(f"{BIASED}{number}" for number in range(1, biases + 1)), *((MASKED,) if masked else ()))


def configured(
    configuration: Configuration, machine: TwoArrayMachine, shape: AttentionShape
) -> Configuration:
    """``configuration`` on ``machine``: Einsums on the scores are on the grid where it adds, and differences
    cost no cycle only where a unit for the exponential takes them.
    """
    chained = configuration.chained if machine.exp_unit else frozenset[str]()
    configuration = replace(configuration, chained=chained)
    added = score_einsums(shape.masked, shape.biases)
    if not added:
        return configuration
    grid = configuration.grid | (frozenset(added) if machine.grid.can(MASKING) else frozenset())
    phases = tuple(_phase(phase, added) for phase in configuration.phases)
    steps = tuple((*step, *added) if step[-1] in SCORES else step for step in configuration.steps)
    return replace(configuration, grid=grid, phases=phases, steps=steps)


def _phase(phase: Phase, added: tuple[str, ...]) -> Phase:
    """The Einsums behind the scores in the stage of these; in one of their own phase nothing can follow."""
    return tuple(
        tuple(each for name in stage for each in ((name, *added) if name in SCORES else (name,)))
        for stage in phase
    )


def _with(base: Cascade, added: tuple[str, ...]) -> Cascade:
    data = cascade_data(base)
    texts, found, last = data["einsums"], [], ""
    for text in texts:
        head = text.partition("[")[0]
        found.append(re.sub(rf"\b(?:{'|'.join(SCORES)})\[", f"{last}[", text) if last else text)
        if head in SCORES and not last:
            chain = _chain(head, text.partition("]")[0].partition("[")[2], added)
            found += chain
            last = added[-1]
    ranks = base.tensor_ranks[next(name for name in SCORES if name in base.tensor_ranks)]
    biases = {f"{BIAS}{name[len(BIASED) :]}": list(ranks) for name in added if name != MASKED}
    data |= {"einsums": found, "inputs": {**data["inputs"], **biases}}
    return cascade_in(_document(data))


def _chain(scores: str, indices: str, added: tuple[str, ...]) -> list[str]:
    """The Einsums behind ``scores``, each on the result of the one before."""
    key = "coord(m)" if indices.startswith("m,") else "coord(m1) * size(M0) + coord(m0)"
    found, before = [], scores
    for name in added:
        if name == MASKED:
            value = f"where(le({key}, coord(p)), {before}[{indices}], -inf)"
        else:
            value = f"{before}[{indices}] + {BIAS}{name[len(BIASED) :]}[{indices}]"
        found.append(f"{name}[{indices}] = {value}")
        before = name
    return found


def _document(data: Mapping[str, object]) -> Document:
    import yaml

    return parse_document(yaml.safe_dump(dict(data), sort_keys=False), str(data["name"]))
