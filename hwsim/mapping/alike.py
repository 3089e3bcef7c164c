"""Groups of operators that are alike: the same work on the same sort of tensors, wired the same way.

Layers repeat in a network. A step planned for one group is, with other names, the step of every group like it
that meets the same situation.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from hwsim.mapping.fusion import Group
from hwsim.mapping.plan import Step
from hwsim.workload.operator import Access, Operator
from hwsim.workload.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Likeness:
    """Groups of one ``kind`` differ in names alone; ``tensors`` come in the order they are first met in."""

    kind: int
    operators: tuple[str, ...]
    tensors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Likenesses:
    """Sorts the groups of one workload into kinds."""

    tensors: Mapping[str, Tensor]
    kinds: dict[Hashable, int] = field(default_factory=dict)
    known: dict[tuple[str, ...], Likeness] = field(default_factory=dict)

    def of(self, group: Group) -> Likeness:
        """What ``group`` is like."""
        names = tuple([op.name for op in group])
        found = self.known.get(names)
        if found is None:
            found = self.known[names] = self._likeness(names, group)
        return found

    def _likeness(self, names: tuple[str, ...], group: Group) -> Likeness:
        numbers: dict[str, int] = {}
        work = tuple([self._kind(_work(op, numbers)) for op in group])
        sorts = tuple([self._kind(_sort(self.tensors[name])) for name in numbers])
        return Likeness(self._kind((work, sorts)), names, tuple(numbers))

    def _kind(self, what: Hashable) -> int:
        return self.kinds.setdefault(what, len(self.kinds))


def renamed(step: Step, old: Likeness, new: Likeness) -> Step:
    """The step of the group ``old`` for the group ``new`` like it."""
    operators = dict(zip(old.operators, new.operators, strict=True))
    tensors = dict(zip(old.tensors, new.tensors, strict=True))
    return Step(
        tuple([task.called(operators[task.operator]) for task in step.tasks]),
        tuple([move.called(operators[move.operator], tensors[move.tensor]) for move in step.transfers]),
        step.workspaces,
        step.attention,
    )


def _work(op: Operator, numbers: dict[str, int]) -> Hashable:
    """All of an operator but names: its tensors by number."""
    accesses = tuple([_numbered(part, numbers) for part in op.inputs])
    written = tuple([_numbered(part, numbers) for part in op.outputs])
    touched = tuple([(numbers[tensor], part) for tensor, part in op.touched if tensor in numbers])
    counted = (op.kind, op.ranks, op.macs, op.functions, op.fiber, op.passes)
    return (*counted, accesses, written, touched)


def _numbered(part: Access, numbers: dict[str, int]) -> Hashable:
    return numbers.setdefault(part.tensor, len(numbers)), part.coordinates


def _sort(tensor: Tensor) -> Hashable:
    return tensor.shape, tensor.kind, tensor.datatype, tensor.density
