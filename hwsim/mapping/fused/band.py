"""FuseMax's tile: a band of queries whose state stays in the buffer while all keys and values stream by.

Source: FuseMax artifact (MICRO 2024), the proposal's choice of P1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.terms import Shifted
from hwsim.mapping.fused.configurations import Configuration
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.operations import bodies, elements
from hwsim.mapping.fused.traffic import Movement, Traffic
from hwsim.spec.errors import InputError


def band_rows(
    machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, sizes: Mapping[str, int]
) -> int:
    """The largest multiple of the grid's columns that divides P and whose working set fits the buffer.

    Raises:
        InputError: not even one column of tiles fits.
    """
    capacity = machine.buffer_bytes // machine.word_bytes
    staged = sum(_words(cascade, tensor, sizes) for tensor in _streamed(cascade))
    a_row = sum(_words(cascade, tensor, sizes) for tensor in _kept(configuration, cascade))
    fitting = (capacity - staged) // (a_row * machine.columns)
    count = sizes["P"] // machine.columns
    if fitting < 1:
        need = (staged + a_row * machine.columns) * machine.word_bytes
        raise InputError(f"buffer {machine.buffer!r} is too small for a band: it needs {need} bytes")
    return machine.columns * max(part for part in range(1, min(count, fitting) + 1) if count % part == 0)


def band_movement(
    machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, sizes: Mapping[str, int]
) -> Movement:
    """What moves: inputs over keys once a band, everything over queries once.

    Raises:
        InputError: not even one column of tiles fits the buffer.
    """
    rows = band_rows(machine, configuration, cascade, sizes)
    streamed = frozenset(_streamed(cascade))
    read = sum(
        elements(cascade, tensor, sizes) * (sizes["P"] // rows if tensor in streamed else 1)
        for tensor in cascade.inputs
    )
    written = sum(elements(cascade, tensor, sizes) for tensor in cascade.outputs)
    traffic = Traffic(read * machine.word_bytes, written * machine.word_bytes)
    return Movement((traffic,), f"bands of {rows} queries")


def _streamed(cascade: Cascade) -> tuple[str, ...]:
    return tuple(tensor for tensor, ranks in cascade.inputs.items() if "P" not in ranks)


def _kept(configuration: Configuration, cascade: Cascade) -> Iterator[str]:
    """What has a place in the buffer for every row of the band.

    Inputs over queries, carried state, and tiles of scores that one array hands to the other.
    """
    yield from (tensor for tensor, ranks in cascade.inputs.items() if "P" in ranks)
    statements = bodies(cascade)
    for tensor, einsum in statements.items():
        if any(isinstance(coord, Shifted) for coord in einsum.output.coords):
            yield tensor
        elif "M0" in cascade.tensor_ranks[tensor]:
            readers = (name for name in statements if _reads(cascade, name, tensor))
            if any((reader in configuration.grid) != (tensor in configuration.grid) for reader in readers):
                yield tensor


def _reads(cascade: Cascade, einsum: str, tensor: str) -> bool:
    return any(access.tensor == tensor for access in bodies(cascade)[einsum].reads)


def _words(cascade: Cascade, tensor: str, sizes: Mapping[str, int]) -> int:
    """Words of one tile of keys of ``tensor``, for one query."""
    return math.prod(sizes[rank] for rank in cascade.tensor_ranks[tensor] if rank not in ("P", "M1"))
