"""What mapping asks of engines: costs of tiles, never their insides."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from hwsim.arch.component import Attributes, Component
from hwsim.arch.memory import Role
from hwsim.mapping.cut import Axis, Count, Tiling
from hwsim.workload.contraction import Matmul
from hwsim.workload.operator import Operator


@dataclass(frozen=True, slots=True)
class EdgeWords:
    """Words of one role that cross the edge of an array: read from and written to the memory beside it."""

    reads: Count
    writes: Count


@dataclass(frozen=True, slots=True)
class EngineAction:
    """``count`` actions of one kind inside a component, for the operand of ``role``."""

    action: str
    role: str
    count: int


class MatrixEngine(Protocol):
    """A component that runs contractions; cycles are of its own clock, over all its instances."""

    @property
    def component(self) -> Component:
        """The component it models."""

    @property
    def datatype(self) -> str:
        """Datatype of its operands and of what it writes back."""

    @property
    def accumulator(self) -> str:
        """Datatype of its partial sums."""

    @property
    def peak_macs(self) -> int:
        """Multiply-accumulates a cycle of all instances."""

    @property
    def temporal_axis(self) -> Axis:
        """The axis along which a tile may go on where the one before ended, if it is the innermost loop."""

    def granule(self, axis: Axis) -> int:
        """The multiple of ``axis`` at which a cut wastes no lanes."""

    def cycles(self, problem: Matmul, tiling: Tiling, innermost: Axis) -> Count:
        """Cycles of all tiles, with operands always there; ``innermost``: the axis of the innermost loop."""

    def tile_cycles(
        self, problem: Matmul, tile: tuple[int, int, int, int], innermost: Axis, opening: bool
    ) -> int:
        """Cycles of one (batch, M, N, K) tile; ``opening``: False where it continues the tile before."""

    def edge_words(self, problem: Matmul, tiling: Tiling, innermost: Axis) -> Mapping[Role, EdgeWords]:
        """Words over the edge for all tiles."""

    def actions(self, problem: Matmul, tiles: Iterable[tuple[int, Matmul]]) -> tuple[EngineAction, ...]:
        """Actions inside the component for all of ``tiles``: how often each kind of tile comes."""

    def describe(self, tile: Matmul) -> str:
        """The dataflow and shape in a few words, and how ``tile`` lies on it where that is a choice."""


class VectorEngine(Protocol):
    """A component that runs everything that is not a contraction."""

    @property
    def component(self) -> Component:
        """The component it models."""

    @property
    def datatype(self) -> str:
        """Datatype of its operands."""

    def cycles(self, operator: Operator) -> int:
        """Cycles for the vector work of ``operator`` with its data there."""

    def bound_cycles(self, operator: Operator) -> int:
        """Fewest cycles any schedule of the work on these lanes takes."""

    def actions(self, operator: Operator) -> tuple[EngineAction, ...]:
        """Scalar functions done, by name."""

    def unknown_functions(self, operator: Operator) -> tuple[str, ...]:
        """Functions of ``operator`` that the unit cannot do."""


@dataclass(frozen=True, slots=True)
class Places:
    """A dimension of an array of multiply-accumulate units: ``width`` of them side by side, which all use the
    operand (or make the sums) of role ``reuses``.
    """

    name: str
    width: int
    reuses: Role


class MatrixAttributes(Attributes):
    """Base of the component classes that run contractions."""

    def places(self) -> tuple[Places, ...]:
        """What the mapper may lay side by side; nothing where the component does not say."""
        return ()

    def stationary(self) -> Role | None:
        """The operand that each unit keeps, if any."""
        return None

    @abstractmethod
    def engine(self, component: Component) -> MatrixEngine:
        """The engine that models ``component``, whose attributes these are."""


class VectorAttributes(Attributes):
    """Base of the component classes that run vector work."""

    @abstractmethod
    def engine(self, component: Component) -> VectorEngine:
        """The engine that models ``component``, whose attributes these are."""
