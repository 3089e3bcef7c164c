"""The scheduling problem and its answer as plain frozen data (cost model ``cosma-1``).

A problem is a graph of operators over whole tensors and one scratchpad. A schedule says, step by step, which
operator runs, where every resident tensor sits, what is fetched before the step and what is written back.
The rules a schedule must obey are in :mod:`hwsim.schedule.verify`. All sizes and addresses are bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property


class TensorKind(StrEnum):
    """Where a tensor comes from, which decides what moving it costs."""

    INPUT = "input"
    WEIGHT = "weight"
    ACTIVATION = "activation"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of ``size`` bytes that is either wholly resident or not at all."""

    id: str
    size: int
    kind: TensorKind

    @property
    def in_dram_from_start(self) -> bool:
        """Inputs and weights: their first fetch is compulsory and they are never written back."""
        return self.kind in (TensorKind.INPUT, TensorKind.WEIGHT)

    @property
    def needs_writeback(self) -> bool:
        """Activations alone have no copy in DRAM until one is written."""
        return self.kind is TensorKind.ACTIVATION


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator; ``inputs`` and ``outputs`` are tensor ids without repetition.

    ``in_place`` names an input that nobody else reads and whose address the first output takes over, being of
    the same size (elementwise operators); None, as in ``cosma-1``, keeps all operands apart.
    """

    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    in_place: str | None = None

    @property
    def tensors(self) -> tuple[str, ...]:
        """Everything that must be resident while the operator runs."""
        return self.inputs + self.outputs


@dataclass(frozen=True, slots=True)
class Prices:
    """What moving a tensor costs, in any one unit: so much for each byte, and for each transfer besides.

    As in ``cosma-1``, a byte costs 1 either way and a transfer nothing besides.
    """

    fetch_byte: int = 1
    writeback_byte: int = 1
    fetch_each: int = 0
    writeback_each: int = 0

    def fetch(self, size: int) -> int:
        """The cost of bringing ``size`` bytes in."""
        return self.fetch_byte * size + self.fetch_each

    def writeback(self, size: int) -> int:
        """The cost of taking ``size`` bytes out."""
        return self.writeback_byte * size + self.writeback_each


@dataclass(frozen=True)
class Problem:
    """A graph of operators and a scratchpad of ``scratchpad_bytes``.

    ``alignment``: every address is a multiple of it and every tensor occupies whole multiples of it.
    ``prices``: what is to be least; bytes unless given.
    The graph is taken as given; :func:`hwsim.schedule.graph_file.read_problem` and
    :func:`hwsim.schedule.graph_check.check_graph` refuse cycles, unknown tensors and the like.
    """

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    scratchpad_bytes: int
    alignment: int = 1
    prices: Prices = Prices()
    name: str = field(default="", compare=False)

    @cached_property
    def tensor(self) -> Mapping[str, Tensor]:
        """Tensors by id."""
        return {tensor.id: tensor for tensor in self.tensors}

    @cached_property
    def operator(self) -> Mapping[str, Operator]:
        """Operators by id."""
        return {operator.id: operator for operator in self.operators}

    @cached_property
    def producer(self) -> Mapping[str, str]:
        """Operator id by the id of a tensor it produces."""
        return {tensor: operator.id for operator in self.operators for tensor in operator.outputs}

    @cached_property
    def consumers(self) -> Mapping[str, tuple[str, ...]]:
        """Operator ids by the id of a tensor they read; an unread tensor has none."""
        readers: dict[str, list[str]] = {tensor.id: [] for tensor in self.tensors}
        for operator in self.operators:
            for tensor in operator.inputs:
                readers[tensor].append(operator.id)
        return {tensor: tuple(operators) for tensor, operators in readers.items()}

    def occupied_bytes(self, tensor_id: str) -> int:
        """Scratchpad bytes the tensor occupies: its size rounded up to the alignment."""
        size = self.tensor[tensor_id].size
        return -(-size // self.alignment) * self.alignment

    def working_set_bytes(self, operator_id: str) -> int:
        """Scratchpad bytes one operator needs: all its inputs and outputs at once."""
        operator = self.operator[operator_id]
        apart = sum(self.occupied_bytes(tensor) for tensor in operator.tensors)
        return apart - (self.occupied_bytes(operator.in_place) if operator.in_place else 0)

    @cached_property
    def compulsory_bytes(self) -> int:
        """Traffic no schedule avoids: used inputs and weights once in, outputs once out (rule 7)."""
        return sum(
            tensor.size
            for tensor in self.tensors
            if tensor.kind is TensorKind.OUTPUT or (tensor.in_dram_from_start and self.consumers[tensor.id])
        )

    def with_scratchpad(self, scratchpad_bytes: int) -> Problem:
        """The same graph with another scratchpad."""
        return replace(self, scratchpad_bytes=scratchpad_bytes)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a schedule.

    ``placements``: address in bytes of every tensor resident during the step. ``fetch`` and ``writeback``
    happen at the boundary before the step.
    """

    op: str
    placements: Mapping[str, int]
    fetch: tuple[str, ...] = ()
    writeback: tuple[str, ...] = ()


Schedule = tuple[Step, ...]
