"""The fused points of a layer's attention: the published ones, and the best of all of them, exactly.

The space: FLAT's dataflows, and the 1-pass cascade in any number of bands with each binding that the arrays
can do. Within a configuration only bands and residents vary, so the fewest bands that fit are best there.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator
from functools import lru_cache

from hwsim.einsum.cascade import Cascade
from hwsim.mapping.fused.band import band_rows, even_band_rows
from hwsim.mapping.fused.choice import FUSED, Fused, FusedAttention, from_dataflow
from hwsim.mapping.fused.configurations import Configuration
from hwsim.mapping.fused.dataflow import Problem, best_dataflow, choices, least_words
from hwsim.mapping.fused.done import lacking_operation
from hwsim.mapping.fused.flat import flat_problem
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.operations import bodies
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.fused.variants import attention_cascade, configured
from hwsim.mapping.fused.work import measure
from hwsim.spec.errors import InputError

ONE_PASS: tuple[Fused, ...] = ("fusemax", "fusemax_arch", "fusemax_cascade")


@lru_cache(maxsize=1024)
def flat_choice(machine: TwoArrayMachine, shape: AttentionShape) -> FusedAttention:
    """FLAT's own choice for a layer.

    Raises:
        InputError: an array cannot do its part, or the buffer is too small.
    """
    _check_able(machine, "flat", shape)
    problem = _problem(machine, shape)
    least = least_words(problem)
    if least > machine.buffer_words:
        needed = math.ceil(least * machine.word_bytes)
        raise InputError(f"buffer {machine.buffer!r} is too small for FLAT's tiles: they need {needed} bytes")
    return from_dataflow(best_dataflow(problem, shape.instances))


@lru_cache(maxsize=1024)
def fusemax_choice(machine: TwoArrayMachine, shape: AttentionShape) -> FusedAttention:
    """FuseMax's choice: its binding where the grid can do it, else its cascade with all but products on the
    lanes.

    Raises:
        InputError: an array cannot do its part, or the buffer is too small.
    """
    name: Fused = "fusemax" if able(machine, "fusemax", shape) else "fusemax_cascade"
    _check_able(machine, name, shape)
    configuration, cascade = _configured(machine, name, shape)
    padded = shape.padded(machine.rows, machine.columns)
    return FusedAttention(name, band_rows(machine, configuration, cascade, padded))


@lru_cache(maxsize=1024)
def best_choice(machine: TwoArrayMachine, shape: AttentionShape) -> FusedAttention:
    """The fused point of the whole space with the least time, of equals the one that moves least.

    Raises:
        InputError: no point is possible.
    """
    found = list(_space(machine, shape))
    if not found:
        _check_able(machine, "fusemax_cascade", shape)
        fusemax_choice(machine, shape)
    return min(found, key=lambda choice: measure(machine, choice, shape))


@lru_cache(maxsize=64)
def points(machine: TwoArrayMachine, name: Fused, shape: AttentionShape) -> Container[FusedAttention]:
    """The choices of a configuration: FLAT's dataflows, or bands of whole columns of tiles."""
    if name == "flat":
        return frozenset(_flat_space(machine, shape))
    columns = -(-shape.queries // machine.columns)
    return frozenset(FusedAttention(name, machine.columns * count) for count in range(1, columns + 1))


def able(machine: TwoArrayMachine, name: Fused, shape: AttentionShape) -> bool:
    """Whether both arrays can do what a configuration gives them."""
    return lacking(machine, name, shape) is None


def lacking(machine: TwoArrayMachine, name: Fused, shape: AttentionShape) -> str | None:
    """The first array and operation that stand in the way of a configuration, in words."""
    configuration, cascade = _configured(machine, name, shape)
    statements = bodies(cascade)
    for einsum in configuration.einsums:
        part = machine.grid if einsum in configuration.grid else machine.lanes
        for operation in lacking_operation(part, cascade, statements[einsum]):
            if operation not in configuration.chained:
                return f"{part.component} cannot do {operation!r}"
    return None


def _space(machine: TwoArrayMachine, shape: AttentionShape) -> Iterator[FusedAttention]:
    padded = shape.padded(machine.rows, machine.columns)
    for name in ONE_PASS:
        if able(machine, name, shape):
            configuration, cascade = _configured(machine, name, shape)
            try:
                yield FusedAttention(name, even_band_rows(machine, configuration, cascade, padded))
            except InputError:
                continue
    if able(machine, "flat", shape):
        yield from _flat_space(machine, shape)


def _flat_space(machine: TwoArrayMachine, shape: AttentionShape) -> Iterator[FusedAttention]:
    problem = _problem(machine, shape)
    if least_words(problem) <= machine.buffer_words:
        yield from (from_dataflow(choice) for choice in choices(problem))


def _problem(machine: TwoArrayMachine, shape: AttentionShape) -> Problem:
    configuration, cascade = _configured(machine, "flat", shape)
    return flat_problem(machine, configuration, cascade, shape.sizes(machine.rows))


def _configured(
    machine: TwoArrayMachine, name: Fused, shape: AttentionShape
) -> tuple[Configuration, Cascade]:
    plain = FUSED[name]
    cascade = attention_cascade(plain.cascade, shape.masked, shape.biases)
    return configured(plain, machine, shape), cascade


def _check_able(machine: TwoArrayMachine, name: Fused, shape: AttentionShape) -> None:
    lack = lacking(machine, name, shape)
    if lack is not None:
        raise InputError(lack, hint="give it under the component's 'cycles:'")
