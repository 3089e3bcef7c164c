"""Where keys and values of attention lie in the banks of a channel, and the PIM program that works on them.

Facts: NeuPIMs' layout (ASPLOS 2024; simulator, commit f299af3). A request lives in one channel. Keys: token t
in bank t mod banks; a row holds the parts of its vector that belong to ``heads_per_row`` heads. Values,
turned round: element d of a head in bank d mod banks; a row holds as many tokens as it has elements.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hwsim.engines.dram.device import Device
from hwsim.engines.pim.program import Instruction, tile
from hwsim.spec.errors import InputError

UNIT_BYTES = 32
"""Bytes of one column step of a bank (NeuPIMs: 16 multipliers of 16 bits)."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Banks of a channel that work together, in how many groups they open, elements of a bank's row, and of
    one column step.
    """

    banks: int
    groups: int
    row: int
    step: int

    @property
    def row_elements(self) -> int:
        """Elements of one row of all banks."""
        return self.banks * self.row


def geometry_of(device: Device, element_bytes: int) -> Geometry:
    """The geometry of one channel of a device with a unit in every bank."""
    parts = device.organization
    row_bytes = parts.bursts_per_row * parts.request_bytes
    groups = parts.dram_ranks * parts.bank_groups
    return Geometry(parts.banks, groups, row_bytes // element_bytes, UNIT_BYTES // element_bytes)


@dataclass(frozen=True, slots=True)
class Heads:
    """Attention of a layer on one device: heads of keys, queries for each, widths of a key and a value."""

    kv_heads: int
    group: int
    width: int
    values: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Keys and values of ``heads`` in channels of ``geometry``.

    Raises:
        InputError: a head is wider than a row.
    """

    geometry: Geometry
    heads: Heads

    def __post_init__(self) -> None:
        if self.head_elements > self.geometry.row:
            message = f"a head of {self.heads.width} elements does not fit a row of {self.geometry.row}"
            raise InputError(message, hint="take a device with longer rows, or keep attention on the NPU")

    @property
    def groups(self) -> int:
        """Groups of banks that a tile opens."""
        return self.geometry.groups

    @property
    def head_elements(self) -> int:
        """Elements of a row that the key of one head takes: whole column steps."""
        return -(-self.heads.width // self.geometry.step) * self.geometry.step

    @property
    def heads_per_row(self) -> int:
        """Heads whose keys share a row."""
        return self.geometry.row // self.head_elements

    @property
    def key_chunks(self) -> tuple[int, ...]:
        """Heads in each of the rows that the keys of one token take."""
        full, rest = divmod(self.heads.kv_heads, self.heads_per_row)
        return (self.heads_per_row,) * full + ((rest,) if rest else ())

    @property
    def value_tiles(self) -> int:
        """Rows of all banks that one chunk of tokens of one head takes."""
        return -(-self.heads.values // self.geometry.banks)

    def key_rows(self, tokens: int) -> int:
        """Rows of all banks for the keys of one request in one layer."""
        return len(self.key_chunks) * -(-tokens // self.geometry.banks)

    def value_rows(self, tokens: int) -> int:
        """Rows of all banks for the values of one request in one layer."""
        return self.heads.kv_heads * self.value_tiles * -(-tokens // self.geometry.row)

    def rows(self, tokens: int) -> int:
        """Rows of all banks for one request in one layer."""
        return self.key_rows(tokens) + self.value_rows(tokens)

    def signature(self, tokens: int) -> tuple[int, int]:
        """What of a length matters to its program: tiles of keys, column steps of values."""
        return -(-tokens // self.geometry.banks), -(-tokens // self.geometry.step)

    def program(self, tokens: int, first_row: int, composite: bool) -> list[Instruction]:
        """One request's scores, then its context: keys from ``first_row`` on, then values. The row before
        them has the vectors that go into the buffer.
        """
        keys = list(self._scores(tokens, first_row, first_row - 1, composite))
        values = first_row + self.key_rows(tokens)
        return keys + list(self._context(tokens, values, first_row - 1, composite))

    def steps(self, tokens: int) -> tuple[int, int]:
        """Column steps of all banks and read-outs of one request in one layer."""
        program = self.program(tokens, 1, True)
        steps = sum(each.comps for each in program if each.kind == "composite")
        return steps, sum(each.kind == "composite" for each in program)

    def _scores(self, tokens: int, row: int, vector: int, composite: bool) -> Iterator[Instruction]:
        """A vector of queries in, then all tiles of 32 tokens; once more for each query of a group."""
        tiles = -(-tokens // self.geometry.banks)
        steps = -(-self.heads.width // self.geometry.step)
        for number, heads in enumerate(self.key_chunks):
            begin = row + number * tiles
            for _ in range(self.heads.group):
                yield Instruction("load", vector)
                for at in range(tiles):
                    yield from tile(begin + at, (steps,) * heads, composite)

    def _context(self, tokens: int, row: int, vector: int, composite: bool) -> Iterator[Instruction]:
        """Head by head, a row of tokens at a time: scores in, then all tiles of 32 elements."""
        chunks = -(-tokens // self.geometry.row)
        for head in range(self.heads.kv_heads):
            for chunk in range(chunks):
                begin = row + (head * chunks + chunk) * self.value_tiles
                many = min(self.geometry.row, tokens - chunk * self.geometry.row)
                for _ in range(self.heads.group):
                    yield Instruction("load", vector)
                    for at in range(self.value_tiles):
                        yield from tile(begin + at, (-(-many // self.geometry.step),), composite)
