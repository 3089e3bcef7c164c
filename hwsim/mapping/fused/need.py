"""How much buffer attention needs at each length of the sequence, so that no score leaves the chip.

Where the arrays meet nowhere on it, scores do, and FLAT needs room for single tiles alone.
"""

from __future__ import annotations

from dataclasses import replace

from hwsim.mapping.fused.band import band_bytes
from hwsim.mapping.fused.choice import FUSED, Fused
from hwsim.mapping.fused.dataflow import Dataflow, needed_words
from hwsim.mapping.fused.flat import flat_problem
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.fused.variants import attention_cascade, configured

LENGTHS = tuple(2**power for power in range(10, 21))
"""1K to 1M tokens."""


def buffer_needs(machine: TwoArrayMachine, shape: AttentionShape, one_pass: Fused) -> dict[str, list[int]]:
    """Bytes at each of ``LENGTHS``: all scores of a head, FLAT's narrowest band, that of a 1-pass cascade."""
    shapes = [replace(shape, queries=length, keys=length) for length in LENGTHS]
    return {
        "unfused": [int(each.queries * each.keys * machine.word_bytes) for each in shapes],
        "flat": [_flat(machine, each) for each in shapes],
        one_pass: [_band(machine, each, one_pass) for each in shapes],
    }


def _flat(machine: TwoArrayMachine, shape: AttentionShape) -> int:
    configuration, cascade = FUSED["flat"], attention_cascade("attention_3pass", shape.masked, shape.biases)
    problem = flat_problem(
        machine, configured(configuration, machine, shape), cascade, shape.sizes(machine.rows)
    )
    narrowest = Dataflow(min(machine.columns, shape.queries), "output", frozenset(), machine.meets)
    return int(needed_words(problem, narrowest) * machine.word_bytes)


def _band(machine: TwoArrayMachine, shape: AttentionShape, name: Fused) -> int:
    plain = FUSED[name]
    cascade = attention_cascade(plain.cascade, shape.masked, shape.biases)
    padded = shape.padded(machine.rows, machine.columns)
    return band_bytes(machine, configured(plain, machine, shape), cascade, padded, machine.columns)
