"""What planning one contraction starts from."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from hwsim.arch.component import Component
from hwsim.arch.machine import memory_of
from hwsim.arch.memory import Role
from hwsim.mapping.protocol import MatrixEngine
from hwsim.workload.contraction import Matmul
from hwsim.workload.tensor import DATATYPE_BITS


@dataclass(frozen=True, slots=True)
class MatrixRequest:
    """One contraction to be planned.

    ``paths`` are the memories of each role, the root first; ``bits`` the width of one element of each role's
    tensor; ``resident`` the roles whose tensor lies whole in its first on-chip memory; ``free`` the bytes
    left for tiles in (one instance of) each memory; ``rider_bits`` the further operands of fused element-wise
    work that stream beside each element of the result; ``root_rate`` bits per engine cycle of the root
    memory, None where it never limits.
    """

    problem: Matmul
    engine: MatrixEngine
    paths: Mapping[Role, tuple[Component, ...]]
    bits: Mapping[Role, int]
    resident: frozenset[Role]
    free: Mapping[str, int]
    rider_bits: int
    root_rate: float | None

    @property
    def partial_bits(self) -> int:
        """Bits of one partial sum."""
        return DATATYPE_BITS[self.engine.accumulator]

    @property
    def depth(self) -> int:
        """Levels of on-chip memory, the deepest path counts; 1 where there is none, for the engine's own
        tiles.
        """
        return max(1, max(len(path) for path in self.paths.values()) - 1)

    @property
    def setting(self) -> tuple[Hashable, ...]:
        """All that differs between requests on one machine, but the problem."""
        return (
            self.engine.component.name,
            self.resident,
            tuple(self.free.values()),
            self.rider_bits,
            tuple(self.bits.values()),
        )

    def holders(self, depth: int) -> dict[Role, Component]:
        """The memory ``depth`` steps below the root for each role that has one."""
        return {role: path[depth] for role, path in self.paths.items() if len(path) > depth}

    def streaming(self, depth: int) -> dict[Role, Component]:
        """Those of :meth:`holders` into which tiles come from the memory above."""
        return {
            role: memory
            for role, memory in self.holders(depth).items()
            if depth > 1 or role not in self.resident
        }

    def is_last(self, role: Role, memory: Component) -> bool:
        """Whether ``memory`` is the one beside the engine for ``role``."""
        return memory is self.paths[role][-1]

    def rate(self, memory: Component) -> float | None:
        """Bits an engine cycle of all instances of ``memory``; None where it is no limit."""
        bandwidth = memory_of(memory).bandwidth
        if bandwidth is None:
            return None
        return 8 * bandwidth.per_second(memory.clock) * memory.instances / self.engine.component.clock
