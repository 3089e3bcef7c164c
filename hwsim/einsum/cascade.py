"""A cascade: an ordered list of Einsums over declared inputs, and the rank every coordinate runs over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from hwsim.einsum.statement import Einsum
from hwsim.einsum.terms import Access, Coord, Gather, Index, Shifted, Streaming, Window


@dataclass(frozen=True)
class Cascade:
    """The cascade as written; ``read.load_cascade`` and ``checks.whole.checked`` make only sensible ones.

    ``inputs`` are the external tensors and their ranks. ``partitions`` split a family of ranks into leaves,
    outermost first; tensors carry leaves only. ``iterative`` leaves are walked in increasing order with
    carried state. An index runs over the rank of its own name in upper case unless ``index_ranks`` says
    otherwise.
    """

    name: str
    inputs: Mapping[str, tuple[str, ...]]
    einsums: tuple[Einsum, ...]
    partitions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    iterative: tuple[str, ...] = ()
    index_ranks: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    source: str = ""

    def rank_of(self, index: str) -> str:
        """The rank that ``index`` runs over."""
        return self.index_ranks.get(index) or index.upper()

    def coord_rank(self, coord: Coord) -> str | None:
        """The rank that the index of a streaming coordinate runs over; None for other coordinates."""
        return self.rank_of(coord.index) if isinstance(coord, Streaming) else None

    @cached_property
    def families(self) -> dict[str, str]:
        """The family of each leaf that has one."""
        return {leaf: family for family, leaves in self.partitions.items() for leaf in leaves}

    @cached_property
    def producers(self) -> dict[str, int]:
        """The main producer of each tensor that is no input, by position."""
        return {
            einsum.output.tensor: position
            for position, einsum in enumerate(self.einsums)
            if not einsum.is_initialisation
        }

    @cached_property
    def writers(self) -> dict[str, tuple[int, ...]]:
        """Everything that writes a tensor: its initialisations and its main producer, in order."""
        found: dict[str, tuple[int, ...]] = {}
        for position, einsum in enumerate(self.einsums):
            tensor = einsum.output.tensor
            found[tensor] = (*found.get(tensor, ()), position)
        return found

    @cached_property
    def tensor_ranks(self) -> dict[str, tuple[str, ...]]:
        """The ranks of every tensor: declared for inputs, from the main producer for the rest."""
        produced = {tensor: self._left_ranks(position) for tensor, position in self.producers.items()}
        return {**self.inputs, **produced}

    @cached_property
    def ranks(self) -> tuple[str, ...]:
        """Every leaf rank that a tensor carries, in order of appearance."""
        return tuple(dict.fromkeys(rank for ranks in self.tensor_ranks.values() for rank in ranks))

    @cached_property
    def ranks_and_families(self) -> tuple[str, ...]:
        """Every rank that a tensor carries, a family before its leaves."""
        return self._with_families(self.ranks)

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """The tensors that no Einsum reads except the one that produces it."""
        read = {
            access.tensor
            for einsum in self.einsums
            for access in einsum.reads
            if access.tensor != einsum.output.tensor
        }
        return tuple(tensor for tensor in self.producers if tensor not in read)

    def ranks_and_families_of(self, tensor: str) -> tuple[str, ...]:
        """The ranks of ``tensor``, a family before its leaves."""
        return self._with_families(self.tensor_ranks[tensor])

    def leaves_of(self, tensor: str, rank: str) -> frozenset[str]:
        """The ranks of ``tensor`` that stand for ``rank``: itself, or those leaves of a family."""
        wanted = self.partitions.get(rank, (rank,))
        return frozenset(wanted).intersection(self.tensor_ranks[tensor])

    def visited_ranks(self, access: Access) -> frozenset[str]:
        """The ranks along which a read moves: at an index, a window or a data-dependent coordinate."""
        ranks = self.tensor_ranks[access.tensor]
        kinds = (Index, Shifted, Window, Gather)
        pairs = zip(ranks, access.coords, strict=True)
        return frozenset(rank for rank, coord in pairs if isinstance(coord, kinds))

    def _with_families(self, ranks: tuple[str, ...]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for rank in ranks:
            if rank in self.families:
                found[self.families[rank]] = None
            found[rank] = None
        return tuple(found)

    def _left_ranks(self, position: int) -> tuple[str, ...]:
        coords = self.einsums[position].output.coords
        return tuple(self.coord_rank(coord) or "" for coord in coords)
