"""Attention in a workload: two products with a softmax between them, and what is done to the scores first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hwsim.mapping.fused.shape import AttentionShape
from hwsim.mapping.products import product_of
from hwsim.spec.errors import InputError
from hwsim.workload.contraction import Matmul
from hwsim.workload.operator import Operator
from hwsim.workload.workload import Workload

SOFTMAX = "softmax"
SOFTMAX_ADDITIONS = 1
"""Additions of a softmax for each of its elements: the sum. More are biases and a mask of attention."""


@dataclass(frozen=True, slots=True)
class AttentionGroup:
    """Operators that can run as one: ``scores``, element-wise work ``between``, ``softmax``, ``values``.

    ``biases`` are the tensors as large as the scores that are added to them; a scale is carried by the
    queries.
    """

    scores: Operator
    between: tuple[Operator, ...]
    softmax: Operator
    values: Operator
    biases: tuple[str, ...]
    shape: AttentionShape

    @property
    def name(self) -> str:
        """What the group is called: its first operator."""
        return self.scores.name

    @property
    def operators(self) -> tuple[Operator, ...]:
        """All of them in order."""
        return (self.scores, *self.between, self.softmax, self.values)

    @property
    def query(self) -> str:
        """The tensor of the queries."""
        return self.scores.inputs[0].tensor

    @property
    def key(self) -> str:
        """The tensor of the keys."""
        return self.scores.inputs[1].tensor

    @property
    def value(self) -> str:
        """The tensor of the values."""
        return self.values.inputs[1].tensor

    @property
    def result(self) -> str:
        """The tensor of the weighted values."""
        return self.values.outputs[0].tensor


@dataclass(frozen=True, slots=True)
class NotFused:
    """An attention that must run unfused, and why."""

    softmax: str
    reason: str


def attention_groups(workload: Workload) -> tuple[AttentionGroup | NotFused, ...]:
    """Every attention of a workload whose tensors have datatypes, in order."""
    return tuple(_found(workload))


def group_of(workload: Workload, operators: tuple[Operator, ...]) -> AttentionGroup | None:
    """The attention that consists of just these operators, if they are one that can be fused."""
    for op in operators:
        if op.kind == SOFTMAX:
            found = _group(workload, op)
            if isinstance(found, AttentionGroup) and found.operators == operators:
                return found
    return None


def _found(workload: Workload) -> Iterator[AttentionGroup | NotFused]:
    for op in workload.operators:
        if op.kind == SOFTMAX:
            found = _group(workload, op)
            if found is not None:
                yield found


def _group(workload: Workload, softmax: Operator) -> AttentionGroup | NotFused | None:
    """The attention around a softmax; None where it is no attention (a choice of experts, a classifier)."""
    chain = _chain(workload, softmax)
    values = _only_reader(workload, softmax)
    if chain is None or values is None or not values.is_contraction:
        return None
    if values.inputs[0].tensor != softmax.outputs[0].tensor:
        return NotFused(softmax.name, "its weights are not the first operand of the product with the values")
    scores, *between = chain
    try:
        first = product_of(scores, workload.tensors)
        second = product_of(values, workload.tensors)
    except InputError as error:
        return NotFused(softmax.name, error.message)
    reason = _mismatch(workload, scores, softmax, values, first, second)
    if reason:
        return NotFused(softmax.name, reason)
    added = _added(workload, tuple(between), softmax)
    if isinstance(added, str):
        return NotFused(softmax.name, added)
    biases, masked = added
    shape = AttentionShape(first.batch, 1, first.M, first.N, first.K, second.N, masked, len(biases))
    return AttentionGroup(scores, tuple(between), softmax, values, biases, shape)


def _chain(workload: Workload, softmax: Operator) -> list[Operator] | None:
    """The product that makes the scores, and the element-wise operators from there to the softmax."""
    found: list[Operator] = []
    tensor, readers = softmax.inputs[0].tensor, 1
    while True:
        name = workload.producers.get(tensor)
        if name is None or len(workload.consumers.get(tensor, ())) != readers:
            return None
        if workload.tensors[tensor].kind != "activation":
            return None
        op = workload.by_name[name]
        if op.is_contraction:
            return [op, *reversed(found)]
        if not op.is_elementwise or len(op.outputs) != 1:
            return None
        found.append(op)
        tensor = op.inputs[0].tensor


def _only_reader(workload: Workload, op: Operator) -> Operator | None:
    tensor = op.outputs[0].tensor
    readers = workload.consumers.get(tensor, ())
    if len(readers) != 1 or workload.tensors[tensor].kind != "activation":
        return None
    return workload.by_name[readers[0]]


def _mismatch(
    workload: Workload, scores: Operator, softmax: Operator, values: Operator, first: Matmul, second: Matmul
) -> str | None:
    """Why two products around a softmax are no attention that the fused model covers."""
    if first.windows or second.windows or len(scores.inputs) > 2 or len(values.inputs) > 2:
        return "one of its products is a convolution or has a bias of its own"
    if (first.batch, first.M, first.N) != (second.batch, second.M, second.K):
        return "its two products do not agree in heads, queries and keys"
    if softmax.fiber != first.N:
        return f"its softmax runs over {softmax.fiber} scores, a query has {first.N} keys"
    tensors = {part.tensor for op in (scores, values) for part in (*op.inputs, *op.outputs)}
    if len({workload.tensors[name].bits for name in tensors}) > 1:
        return "its tensors have several datatypes"
    return None


def _added(
    workload: Workload, between: tuple[Operator, ...], softmax: Operator
) -> tuple[tuple[str, ...], bool] | str:
    """The biases added to the scores and whether a mask is, or why what is done to them is not covered."""
    elements = workload.tensors[softmax.outputs[0].tensor].elements
    biases: list[str] = []
    for op in between:
        done = _per_score(op, elements)
        if set(done) - {"add", "multiply", "divide"}:
            return f"{op.name!r} ({op.kind}) does more to its scores than add and scale"
        others = [part.tensor for part in op.inputs[1:]]
        scalars = all(workload.tensors[name].elements == 1 for name in others)
        if "add" not in done and not scalars:
            return f"{op.name!r} ({op.kind}) multiplies its scores by more than a number"
        biases += [name for name in others if workload.tensors[name].elements > 1]
    additions = _per_score(softmax, elements).get("add", 0) - SOFTMAX_ADDITIONS
    biases += [part.tensor for part in softmax.inputs[1:]]
    own = len(softmax.inputs) - 1
    if not own <= additions <= own + 1:
        return f"{softmax.name!r} adds {additions} numbers to each score and reads {own} tensors of them"
    return tuple(biases), additions > own


def _per_score(op: Operator, elements: int) -> Mapping[str, int]:
    return {name: count // elements for name, count in op.functions if count >= elements}
