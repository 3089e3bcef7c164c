"""The plan: each operator's component, loop nest and step; where each tensor lives when; every transfer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from hwsim.arch.memory import ROLES, Role
from hwsim.mapping.fused.choice import FusedAttention
from hwsim.mapping.nest import Level
from hwsim.spec.document import Document
from hwsim.spec.errors import InputError
from hwsim.workload.contraction import Matmul

TRANSFER_ROLES = (*ROLES, "bias", "spill", "fetch")
"""What a moved tensor is to its operator; ``spill``: a resident that it has to make room, written back;
``fetch``: a tensor that comes whole, to stay.
"""


@dataclass(frozen=True, slots=True)
class Transfer:
    """``bytes`` of one tensor from one component to the next for one operator, all tiles together."""

    operator: str
    tensor: str
    role: str
    source: str
    destination: str
    bytes: int

    def called(self, operator: str, tensor: str) -> Transfer:
        """The same transfer of another tensor for another operator."""
        return Transfer(operator, tensor, self.role, self.source, self.destination, self.bytes)


@dataclass(frozen=True, slots=True)
class Residency:
    """A tensor whole in a memory at ``[address, address + bytes)`` during steps ``first_step..last_step``."""

    tensor: str
    memory: str
    address: int
    bytes: int
    first_step: int
    last_step: int


@dataclass(frozen=True, slots=True)
class Workspace:
    """The room in which one step's tiles come and go, ``[address, address + bytes)`` of a memory."""

    memory: str
    address: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Task:
    """One operator on one component.

    A contraction has its matrix product and the levels of its loop nest, one a depth of memory, outermost
    first, and ``streamed``, the roles that cross the boundary of the outermost memory in its tiles; vector
    work has none of these, and is cut into ``chunks`` equal pieces. Tiles and pieces have so many
    ``buffers``.
    """

    operator: str
    component: str
    problem: Matmul | None = None
    levels: tuple[Level, ...] = ()
    chunks: int = 1
    streamed: tuple[Role, ...] = ()
    buffers: Literal[1, 2] = 2

    def called(self, operator: str) -> Task:
        """The same task of another operator."""
        return Task(
            operator, self.component, self.problem, self.levels, self.chunks, self.streamed, self.buffers
        )


@dataclass(frozen=True, slots=True)
class Step:
    """Operators that run together: a contraction with the element-wise work on its tiles, one operator, or
    all of an ``attention`` that is fused; its tasks have no levels, its first one the pieces in which data
    comes.
    """

    tasks: tuple[Task, ...]
    transfers: tuple[Transfer, ...]
    workspaces: tuple[Workspace, ...] = ()
    attention: FusedAttention | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """How a loop nest was chosen: ``value`` (seconds, joules or joule seconds of its step) is the best of the
    ``candidates`` of the declared set. Some are ``without_room``, some ``against_rules``; of the others so
    many were ``costed``, the rest are beaten by their bounds. No candidate is below ``bound``.
    """

    operator: str
    objective: str
    value: float
    bound: float
    candidates: int
    without_room: int
    against_rules: int
    costed: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Frozen, serialisable, independently checked (``mapping.verify``).

    ``cores`` is the core of each neuron of a spiking network, in the order of their ids; ``searched`` says of
    loop nests that were chosen for an objective how, ``frontier`` which (seconds, joules) others reach.
    """

    arch: str
    workload: str
    mapping: str
    datatype: str
    steps: tuple[Step, ...]
    residencies: tuple[Residency, ...]
    notes: tuple[str, ...] = ()
    arch_hash: str = ""
    workload_hash: str = ""
    cores: tuple[int, ...] = ()
    searched: tuple[Searched, ...] = ()
    frontier: tuple[tuple[float, float], ...] = ()


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain data."""
    from pydantic import TypeAdapter

    data: dict[str, Any] = TypeAdapter(Plan).dump_python(plan, mode="json")
    return data


def plan_from_json(document: Document) -> Plan:
    """The plan in a document.

    Raises:
        InputError: the document is no plan, placed at the first value at fault.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Plan).validate_python(document.data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        reason = "is missing" if first["type"] == "missing" else first["msg"][0].lower() + first["msg"][1:]
        message = f"not a plan: {where}: {reason}"
        raise InputError(message, document.position(first["loc"]), "write one with 'hwsim map'") from error
