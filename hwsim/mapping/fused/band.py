"""FuseMax's tile: a band of queries whose state stays in the buffer while all keys and values stream by.

Source: FuseMax artifact (MICRO 2024), the proposal's choice of P1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.terms import Shifted
from hwsim.mapping.fused.configurations import Configuration
from hwsim.mapping.fused.machine import TwoArrayMachine
from hwsim.mapping.fused.operations import bodies, elements
from hwsim.mapping.fused.shape import Sizes
from hwsim.mapping.fused.traffic import Movement, Traffic
from hwsim.spec.errors import InputError


def band_rows(machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, sizes: Sizes) -> int:
    """The largest multiple of the grid's columns that divides P and whose working set fits the buffer.

    ``sizes`` are those of full tiles.

    Raises:
        InputError: not even one column of tiles fits.
    """
    fitting = _fitting(machine, configuration, cascade, sizes)
    count = _columns(machine, sizes)
    return machine.columns * max(part for part in range(1, min(count, fitting) + 1) if count % part == 0)


def even_band_rows(
    machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, sizes: Sizes
) -> int:
    """The rows of the fewest bands that fit, the last of which may be smaller: nothing moves less.

    Traffic falls with the number of bands, and nothing else depends on it; of equals the smallest.

    Raises:
        InputError: not even one column of tiles fits.
    """
    fitting = _fitting(machine, configuration, cascade, sizes)
    count = _columns(machine, sizes)
    return machine.columns * -(-count // -(-count // fitting))


def band_bytes(
    machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, sizes: Sizes, rows: int
) -> int:
    """What a band of ``rows`` and the tiles that stream by take of the buffer."""
    staged = sum(_words(cascade, tensor, sizes) for tensor in _streamed(cascade))
    tiles = sum(_words(cascade, tensor, sizes) for tensor in _tiled(cascade)) * machine.columns
    if machine.meets:
        kept = _kept(configuration, cascade)
    else:
        kept, tiles = _queries(cascade), tiles + _taken_tiles(machine, configuration, cascade, sizes)
    a_row = sum(_words(cascade, tensor, sizes) for tensor in kept)
    return math.ceil((staged + tiles + a_row * rows) * machine.word_bytes)


def band_movement(machine: TwoArrayMachine, cascade: Cascade, sizes: Sizes, rows: int) -> Movement:
    """What moves with bands of ``rows``: inputs over keys alone once a band, all others once."""
    bands = math.ceil(sizes["P"] / rows)
    streamed = frozenset(_streamed(cascade))
    word = machine.word_bytes
    read = {
        tensor: float(elements(cascade, tensor, sizes)) * (bands if tensor in streamed else 1) * word
        for tensor in cascade.inputs
    }
    written = {tensor: float(elements(cascade, tensor, sizes)) * word for tensor in cascade.outputs}
    traffic = Traffic(sum(read.values()), sum(written.values()))
    return Movement((traffic,), f"bands of {rows} queries", read, written)


def _fitting(machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, sizes: Sizes) -> int:
    """Columns of tiles that fit the buffer side by side."""
    empty = band_bytes(machine, configuration, cascade, sizes, 0)
    need = band_bytes(machine, configuration, cascade, sizes, machine.columns)
    if need > machine.buffer_bytes:
        raise InputError(f"buffer {machine.buffer!r} is too small for a band: it needs {need} bytes")
    return int((machine.buffer_bytes - empty) // (need - empty))


def _columns(machine: TwoArrayMachine, sizes: Sizes) -> int:
    return math.ceil(sizes["P"] / machine.columns)


def _streamed(cascade: Cascade) -> tuple[str, ...]:
    return tuple(tensor for tensor, ranks in cascade.inputs.items() if "P" not in ranks)


def _tiled(cascade: Cascade) -> tuple[str, ...]:
    """Inputs as large as the scores: one tile of them is there at a time."""
    return tuple(tensor for tensor, ranks in cascade.inputs.items() if {"P", "M0"} <= set(ranks))


def _kept(configuration: Configuration, cascade: Cascade) -> Iterator[str]:
    """What has a place in the buffer for every row of the band.

    Inputs over queries, carried state, and tiles of scores that one array hands to the other.
    """
    yield from _queries(cascade)
    statements = bodies(cascade)
    for tensor, einsum in statements.items():
        if any(isinstance(coord, Shifted) for coord in einsum.output.coords):
            yield tensor
        elif "M0" in cascade.tensor_ranks[tensor]:
            readers = (name for name in statements if _reads(cascade, name, tensor))
            if any((reader in configuration.grid) != (tensor in configuration.grid) for reader in readers):
                yield tensor


def _queries(cascade: Cascade) -> Iterator[str]:
    """The inputs over queries that stay for the band."""
    tiled = _tiled(cascade)
    yield from (tensor for tensor, ranks in cascade.inputs.items() if "P" in ranks and tensor not in tiled)


def _taken_tiles(
    machine: TwoArrayMachine, configuration: Configuration, cascade: Cascade, sizes: Sizes
) -> int:
    """Words of the tiles that come from the lanes by way of the DRAM: one in use, one on its way."""
    statements = bodies(cascade)
    taken = {
        access.tensor
        for name in configuration.grid & set(statements)
        for access in statements[name].reads
        if access.tensor in statements and access.tensor not in configuration.grid
    }
    return 2 * machine.columns * sum(_words(cascade, tensor, sizes) for tensor in taken)


def _reads(cascade: Cascade, einsum: str, tensor: str) -> bool:
    return any(access.tensor == tensor for access in bodies(cascade)[einsum].reads)


def _words(cascade: Cascade, tensor: str, sizes: Sizes) -> int:
    """Words of one tile of keys of ``tensor``, for one query."""
    return int(math.prod(sizes[rank] for rank in cascade.tensor_ranks[tensor] if rank not in ("P", "M1")))
