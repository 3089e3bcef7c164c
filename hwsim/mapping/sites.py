"""Where operators can run on a machine: its engines, and the memory in which they meet."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.arch.component import Component
from hwsim.arch.machine import Arch, memory_of
from hwsim.arch.memory import ROLES, Memory, Role
from hwsim.mapping.protocol import MatrixAttributes, MatrixEngine, VectorAttributes, VectorEngine
from hwsim.spec.errors import InputError
from hwsim.workload.operator import Operator

Engine = MatrixEngine | VectorEngine


@dataclass(frozen=True, slots=True)
class Sites:
    """The engines of a machine, and ``home``: the outermost on-chip memory above all of them that holds both
    inputs and outputs and is one for all, in which an activation can wait for its consumers; None if there is
    none.
    """

    arch: Arch
    matrix: tuple[MatrixEngine, ...]
    vector: tuple[VectorEngine, ...]
    home: Component | None
    paths: dict[tuple[str, Role], tuple[Component, ...]]

    @property
    def datatype(self) -> str:
        """The datatype of tensors that have none: that of the first matrix engine, else vector engine."""
        return self.matrix[0].datatype if self.matrix else self.vector[0].datatype

    def path(self, engine: Engine, role: Role) -> tuple[Component, ...]:
        """The memories that hold ``role`` for ``engine``, the root first."""
        return self.paths[engine.component.name, role]

    def meets(self, engine: Engine, role: Role) -> bool:
        """Whether a tensor at home serves ``engine`` in ``role``."""
        return self.home is not None and any(part is self.home for part in self.path(engine, role)[1:2])


def sites_of(arch: Arch) -> Sites:
    """The sites of a machine.

    Raises:
        InputError: the machine computes nothing, or its root is no memory.
    """
    if not isinstance(arch.root.attributes, Memory):
        raise InputError(
            f"the outermost component of machine {arch.name!r}, {arch.root.name!r}, is a "
            f"{arch.root.class_name}: it must be the memory in which tensors start and end",
            hint="put the components under a memory, such as 'class: dram'",
        )
    matrix = tuple(
        part.attributes.engine(part) for part in arch.walk() if isinstance(part.attributes, MatrixAttributes)
    )
    vector = tuple(
        part.attributes.engine(part) for part in arch.walk() if isinstance(part.attributes, VectorAttributes)
    )
    if not matrix and not vector:
        raise InputError(
            f"machine {arch.name!r} has nothing that computes", hint="add a systolic_array or a vector_unit"
        )
    engines: tuple[Engine, ...] = (*matrix, *vector)
    computing = [engine.component for engine in engines]
    paths = {(part.name, role): _memory_path(arch, part, role) for part in computing for role in ROLES}
    return Sites(arch, matrix, vector, _home(arch, computing), paths)


def _memory_path(arch: Arch, component: Component, role: Role) -> tuple[Component, ...]:
    found = arch.memory_path(component.name, role)
    return found if found and found[0] is arch.root else (arch.root, *found)


def matrix_engine(sites: Sites, operator: Operator) -> MatrixEngine:
    """The matrix engine for a contraction: the one with the most multiply-accumulates a second.

    Raises:
        InputError: the machine has none.
    """
    if not sites.matrix:
        raise InputError(
            f"operator {operator.name!r} ({operator.kind}) fits nowhere: machine {sites.arch.name!r} has no "
            "component that multiplies matrices",
            hint="add one, such as 'class: systolic_array'",
        )
    return max(sites.matrix, key=lambda engine: engine.peak_macs * engine.component.clock)


def vector_engine(sites: Sites, operator: Operator) -> VectorEngine:
    """The first vector engine that knows every function of ``operator``.

    Raises:
        InputError: none does; names the functions.
    """
    lacking: tuple[str, ...] = ()
    for engine in sites.vector:
        lacking = engine.unknown_functions(operator)
        if not lacking:
            return engine
    what = f"no vector unit with {', '.join(lacking)}" if lacking else "no vector unit"
    raise InputError(
        f"operator {operator.name!r} ({operator.kind}) fits nowhere: machine {sites.arch.name!r} has {what}",
        hint="add one, such as 'class: vector_unit', or give it the function's cycles",
    )


def engine_of(sites: Sites, operator: Operator) -> Engine:
    """The engine an operator runs on.

    Raises:
        InputError: the machine has none for it.
    """
    return matrix_engine(sites, operator) if operator.is_contraction else vector_engine(sites, operator)


def _home(arch: Arch, computing: list[Component]) -> Component | None:
    above = [arch.memories_above(component.name) for component in computing]
    for memory in above[0]:
        holds = memory_of(memory).holds
        shared = all(any(memory is other for other in path) for path in above)
        one = shared and memory.instances == 1
        if memory is not arch.root and one and "input" in holds and "output" in holds:
            return memory
    return None
