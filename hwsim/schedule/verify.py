"""An independent referee: replay a schedule by the rules of ``cosma-1`` and price it.

It knows the problem and the steps, and nothing of how they were found. The rules, by number:

1. every operator runs exactly once, producers before consumers;
2. while an operator runs, all its tensors are resident, at disjoint ranges inside the scratchpad, as are
   all other residents;
3. between two steps, departures come before fetches, so only what is resident during a step counts;
4. a tensor that stays keeps its address; another address takes a new fetch;
5. only what DRAM holds can be fetched: inputs and weights always, outputs once produced, activations once
   written;
6. the cost: every fetch but the first of an input or weight, and one write-back per activation ever fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from hwsim.schedule.problem import Prices, Problem, Schedule, Step


@dataclass(frozen=True, slots=True)
class Violation:
    """The first broken rule: at which step (from 0), by which tensors, at which addresses."""

    rule: int
    step: int
    message: str
    tensors: tuple[str, ...] = ()
    addresses: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"step {self.step}: rule {self.rule}: {self.message}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The bytes, and what they cost by the problem's prices; or the first violation."""

    noncompulsory_bytes: int | None
    violation: Violation | None = None
    cost: int | None = None

    @property
    def valid(self) -> bool:
        """Whether every rule held."""
        return self.violation is None


@dataclass(slots=True)
class _Replay:
    """What is true before a step."""

    problem: Problem
    ran: set[str] = field(default_factory=set)
    resident: dict[str, int] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    fetches: dict[str, int] = field(default_factory=dict)


def verify(problem: Problem, schedule: Schedule) -> Verdict:
    """Replay ``schedule`` on ``problem`` by rules 1-6."""
    replay = _Replay(problem)
    for number, step in enumerate(schedule):
        violation = next(_violations(replay, number, step), None)
        if violation:
            return Verdict(None, violation)
        _advance(replay, step)
    missing = [operator.id for operator in problem.operators if operator.id not in replay.ran]
    if missing:
        message = f"operators never run: {', '.join(missing)}"
        return Verdict(None, Violation(1, len(schedule), message))
    return Verdict(_cost(replay, Prices()), None, _cost(replay, problem.prices))


def _violations(replay: _Replay, number: int, step: Step) -> Iterator[Violation]:
    yield from _order(replay, number, step)
    yield from _known(replay, number, step)
    yield from _writebacks(replay, number, step)
    yield from _origins(replay, number, step)
    yield from _presence(replay, number, step)
    yield from _ranges(replay, number, step)
    yield from _overlaps(replay, number, step)


def _order(replay: _Replay, number: int, step: Step) -> Iterator[Violation]:
    operator = replay.problem.operator.get(step.op)
    if operator is None:
        yield Violation(1, number, f"unknown operator {step.op!r}")
        return
    if step.op in replay.ran:
        yield Violation(1, number, f"{step.op!r} runs a second time")
    for tensor in operator.inputs:
        producer = replay.problem.producer.get(tensor)
        if producer is not None and producer not in replay.ran:
            yield Violation(1, number, f"{step.op!r} reads {tensor!r} before {producer!r} ran", (tensor,))


def _known(replay: _Replay, number: int, step: Step) -> Iterator[Violation]:
    for tensor in (*step.placements, *step.fetch, *step.writeback):
        if tensor not in replay.problem.tensor:
            yield Violation(2, number, f"unknown tensor {tensor!r}", (tensor,))


def _writebacks(replay: _Replay, number: int, step: Step) -> Iterator[Violation]:
    for tensor in step.writeback:
        if not replay.problem.tensor[tensor].needs_writeback:
            yield Violation(5, number, f"{tensor!r} is written back, but is no activation", (tensor,))
        if tensor not in replay.resident:
            yield Violation(5, number, f"{tensor!r} is written back, but was not resident", (tensor,))
        if tensor in replay.written or step.writeback.count(tensor) > 1:
            yield Violation(6, number, f"{tensor!r} is written back twice", (tensor,))


def _origins(replay: _Replay, number: int, step: Step) -> Iterator[Violation]:
    """Every resident tensor was produced now, fetched now, or stayed where it was; fetches are possible."""
    produced = replay.problem.operator[step.op].outputs
    for tensor in step.fetch:
        if tensor not in step.placements:
            yield Violation(2, number, f"{tensor!r} is fetched but not resident", (tensor,))
        if step.fetch.count(tensor) > 1:
            yield Violation(2, number, f"{tensor!r} is fetched twice before one step", (tensor,))
        if not _in_dram(replay, tensor, step):
            yield Violation(5, number, f"{tensor!r} is fetched, but DRAM has no copy", (tensor,))
    for tensor, address in step.placements.items():
        if tensor in produced or tensor in step.fetch:
            continue
        if tensor not in replay.resident:
            yield Violation(5, number, f"{tensor!r} is resident without fetch", (tensor,), (address,))
        elif replay.resident[tensor] != address:
            addresses = (replay.resident[tensor], address)
            yield Violation(4, number, f"{tensor!r} moves {addresses[0]} -> {address}", (tensor,), addresses)


def _in_dram(replay: _Replay, tensor_id: str, step: Step) -> bool:
    tensor = replay.problem.tensor[tensor_id]
    if tensor.in_dram_from_start:
        return True
    if tensor.needs_writeback:
        return tensor_id in replay.written or tensor_id in step.writeback
    return replay.problem.producer[tensor_id] in replay.ran


def _presence(replay: _Replay, number: int, step: Step) -> Iterator[Violation]:
    for tensor in replay.problem.operator[step.op].tensors:
        if tensor not in step.placements:
            yield Violation(2, number, f"{step.op!r} runs without {tensor!r}", (tensor,))


def _ranges(replay: _Replay, number: int, step: Step) -> Iterator[Violation]:
    problem = replay.problem
    for tensor, address in step.placements.items():
        end = address + problem.occupied_bytes(tensor)
        if address < 0 or end > problem.scratchpad_bytes:
            message = f"{tensor!r} at [{address}, {end}) is outside [0, {problem.scratchpad_bytes})"
            yield Violation(2, number, message, (tensor,), (address,))
        if address % problem.alignment:
            message = f"{tensor!r} at {address} is not aligned to {problem.alignment}"
            yield Violation(2, number, message, (tensor,), (address,))


def _overlaps(replay: _Replay, number: int, step: Step) -> Iterator[Violation]:
    problem = replay.problem
    placed = sorted((address, tensor) for tensor, address in _apart(problem, step).items())
    for (low, first), (high, second) in pairwise(placed):
        if low + problem.occupied_bytes(first) > high:
            message = f"{first!r} at {low} overlaps {second!r} at {high}"
            yield Violation(2, number, message, (first, second), (low, high))


def _apart(problem: Problem, step: Step) -> dict[str, int]:
    """The placements that must be disjoint: all but an in-place input that its output lies exactly upon."""
    operator = problem.operator[step.op]
    shared = operator.in_place
    if shared is None or step.placements[shared] != step.placements[operator.outputs[0]]:
        return dict(step.placements)
    return {tensor: address for tensor, address in step.placements.items() if tensor != shared}


def _advance(replay: _Replay, step: Step) -> None:
    replay.ran.add(step.op)
    replay.resident = dict(step.placements)
    replay.written.update(step.writeback)
    for tensor in step.fetch:
        replay.fetches[tensor] = replay.fetches.get(tensor, 0) + 1


def _cost(replay: _Replay, prices: Prices) -> int:
    total = 0
    for tensor_id, count in replay.fetches.items():
        tensor = replay.problem.tensor[tensor_id]
        total += prices.fetch(tensor.size) * (count - tensor.in_dram_from_start)
        total += prices.writeback(tensor.size) * tensor.needs_writeback
    return total
