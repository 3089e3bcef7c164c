"""Serving requests over time: continuous batching, iteration by iteration.

Before each iteration waiting requests are admitted in the order of their arrival, while the batch and their
channels have room. What was admitted is prefilled in an iteration of its own, whose end brings each its first
token; other iterations bring one token to every request under way. Where caches outgrow their channel, the
youngest request there gives up its cache and waits at the front (``preempt``), or room for the whole answer
is kept from the beginning (``reserve``). What can never fit is rejected, and said to be.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from hwsim.simulation.serving.capacity import Room, room_of
from hwsim.simulation.serving.counts import Counts
from hwsim.simulation.serving.iteration import Iteration, Timer
from hwsim.simulation.serving.requests import Request
from hwsim.simulation.serving.source import Source
from hwsim.simulation.serving.stages import Model
from hwsim.spec.errors import InputError

Policy = Literal["preempt", "reserve"]
POLICIES: tuple[Policy, ...] = ("preempt", "reserve")


@dataclass(slots=True, eq=False)
class Active:
    """A request under way: its number, how many tokens it has made, its group and channel, its times."""

    number: int
    request: Request
    made: int = 0
    group: int = 0
    channel: int = 0
    first: float = 0.0
    bytes: int = 0

    @property
    def tokens(self) -> int:
        """Tokens in its cache when its next iteration ends: the prompt and all it has made."""
        return self.request.prompt + self.made


@dataclass(frozen=True, slots=True)
class Done:
    """A finished request: when its first and last token came."""

    number: int
    request: Request
    first: float
    last: float

    @property
    def time_to_first_token(self) -> float:
        """Seconds from its arrival."""
        return self.first - self.request.arrival

    @property
    def time_per_token(self) -> float | None:
        """Seconds of each token after the first; None where there is one alone."""
        more = self.request.output - 1
        return (self.last - self.first) / more if more else None


@dataclass(frozen=True, slots=True)
class Served:
    """What became of a trace: requests done and rejected (numbers in the trace), iterations, preemptions,
    seconds to the last token, seconds with NPU and banks at work, the mean number of requests in an iteration
    of decoding and the mean imbalance of channels there; what was done, counted.
    """

    done: tuple[Done, ...]
    rejected: tuple[int, ...]
    iterations: int
    prefills: int
    preemptions: int
    seconds: float
    npu: float
    pim: float
    batch: float
    imbalance: float | None
    counts: Counts


@dataclass
class Server:
    """A system that serves a model; ``batch``: the most requests under way; ``policy``: for full channels."""

    timer: Timer
    source: Source
    batch: int = 256
    policy: Policy = "preempt"
    room: Room = field(init=False)

    def __post_init__(self) -> None:
        """Check that the weights fit.

        Raises:
            InputError: they do not, or a choice is out of range.
        """
        if not 1 <= self.batch <= 65536:
            raise InputError(f"the batch must be from 1 to 65536 requests, got {self.batch}")
        if self.policy not in POLICIES:
            raise InputError(f"there is no policy {self.policy!r}", hint=f"take one of {', '.join(POLICIES)}")
        shape, layers = self.source.attention, self.source.layers
        self.room = room_of(self.timer.system, shape, layers, self.source.weight_bytes)

    def serve(self, requests: Sequence[Request]) -> Served:
        """Serve a trace to its end; every request is in the answer once, done or rejected."""
        run = _Run(self)
        waiting = deque(Active(number, request) for number, request in enumerate(requests))
        while waiting or run.active:
            run.admit(waiting)
            if run.active:
                run.step(waiting)
            elif waiting:
                run.now = max(run.now, waiting[0].request.arrival)
        return run.answer()


class _Run:
    """One trace under way."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.room = server.room
        self.groups = server.timer.system.groups
        self.now = 0.0
        self.active: list[Active] = []
        self.fresh: list[Active] = []
        self.done: list[Done] = []
        self.rejected: list[int] = []
        self.used = [0.0] * server.room.places
        self.loads = [[0.0] * server.room.places for _ in range(self.groups)]
        self.turn = 0
        self.iterations = self.prefills = self.preemptions = self.decoded = 0
        self.npu = self.pim = self.uneven = 0.0
        self.counts = Counts()

    def admit(self, waiting: deque[Active]) -> None:
        """Admit those that have arrived, in order, until one does not fit."""
        while waiting and waiting[0].request.arrival <= self.now and len(self.active) < self.server.batch:
            head = waiting[0]
            if self.room.needed(head.request.tokens) > self.room.bytes:
                self.rejected.append(waiting.popleft().number)
                continue
            place = self._place(head)
            if place is None:
                return
            waiting.popleft()
            self._put(head, place)

    def _place(self, head: Active) -> int | None:
        """The channel for a request: the next in turn, or the one with the least to do; None without room."""
        needed = self._needed(head)
        order = range(self.room.places)
        device = self.server.timer.in_banks
        if device is not None and device.memory.channel_assignment == "least_load":
            totals = [sum(loads[place] for loads in self.loads) for place in order]
            ranked = sorted(order, key=lambda place: (totals[place], place))
        else:
            ranked = [(self.turn + step) % self.room.places for step in order]
        return next((place for place in ranked if self.used[place] + needed <= self.room.bytes), None)

    def _needed(self, active: Active) -> int:
        whole = self.server.policy == "reserve"
        return self.room.needed(active.request.tokens if whole else active.tokens)

    def _put(self, active: Active, place: int) -> None:
        self.turn = (place + 1) % self.room.places
        active.channel = place
        members = [sum(1 for each in self.active if each.group == group) for group in range(self.groups)]
        active.group = members.index(min(members))
        active.bytes = self._needed(active)
        self.used[place] += active.bytes
        self.loads[active.group][place] += self._load(active)
        self.active.append(active)
        self.fresh.append(active)

    def _drop(self, active: Active) -> None:
        self.used[active.channel] -= active.bytes
        self.loads[active.group][active.channel] -= self._load(active)
        self.active.remove(active)

    def _load(self, active: Active) -> float:
        """What a request is to its channel when its answer is half done."""
        middle = active.request.prompt + active.request.output // 2
        return self.server.timer.load(self.server.source.attention, middle)

    def step(self, waiting: deque[Active]) -> None:
        """One iteration: a prefill of what is fresh, or a token for everyone."""
        self.iterations += 1
        fresh, self.fresh = self.fresh, []
        if fresh:
            self.prefills += 1
            self._run([fresh], prefill=True)
        else:
            self._grow(waiting)
            if not self.active:
                return
            parts = [[a for a in self.active if a.group == group] for group in range(self.groups)]
            self._run([part for part in parts if part], prefill=False)
        for active in fresh or list(self.active):
            active.made += 1
            if active.made == 1:
                active.first = self.now
            if active.made >= active.request.output:
                self._drop(active)
                self.done.append(Done(active.number, active.request, active.first, self.now))

    def _run(self, parts: list[list[Active]], *, prefill: bool) -> None:
        """The time of an iteration is that of the slowest of the groups' parts, which follow one another."""
        slowest = 0.0
        for part in parts:
            model, iteration, lengths = self._iteration(part, prefill)
            times = [self.server.source.times(stage) for stage in iteration.stages]
            seconds = sum(n * t.seconds for n, t in zip(times, iteration.times, strict=True))
            slowest = max(slowest, seconds)
            self.npu += sum(n * t.npu for n, t in zip(times, iteration.times, strict=True)) / len(parts)
            self.pim += sum(n * t.pim for n, t in zip(times, iteration.times, strict=True)) / len(parts)
            system, source = self.server.timer.system, self.server.source
            self.counts.add(system, source, model, iteration, lengths, prefill)
        if not prefill:
            self.decoded += len(self.active)
            self.uneven += self._imbalance()
        self.now += slowest

    def _iteration(self, part: list[Active], prefill: bool) -> tuple[Model, Iteration, tuple[int, ...]]:
        source, timer = self.server.source, self.server.timer
        if prefill:
            lengths = tuple(active.tokens for active in part)
            model = source.prefill(lengths)
            return model, timer.iteration(model, (lengths,)), lengths
        lengths = tuple(active.tokens for active in part)
        placed: list[list[int]] = [[] for _ in range(self.room.places)]
        for active, length in zip(part, lengths, strict=True):
            placed[active.channel].append(length)
        channels = tuple(tuple(sorted(each, reverse=True)) for each in placed)
        model = source.decode(len(part))
        return model, timer.iteration(model, channels), lengths

    def _imbalance(self) -> float:
        loads = [0.0] * self.room.places
        for active in self.active:
            loads[active.channel] += self.server.timer.load(self.server.source.attention, active.tokens)
        return max(loads) * len(loads) / sum(loads) if sum(loads) else 1.0

    def _grow(self, waiting: deque[Active]) -> None:
        """Room for one more token of everyone; what has none makes the youngest of its channel wait again."""
        if self.server.policy == "reserve":
            return
        for active in list(self.active):
            if active not in self.active:
                continue
            needed = self.room.needed(active.tokens)
            while self.used[active.channel] - active.bytes + needed > self.room.bytes:
                youngest = max(
                    (a for a in self.active if a.channel == active.channel), key=lambda a: a.number
                )
                self._preempt(youngest, waiting)
                if youngest is active:
                    break
            else:
                self.used[active.channel] += needed - active.bytes
                active.bytes = needed

    def _preempt(self, active: Active, waiting: deque[Active]) -> None:
        """Its cache goes; it waits at the front, and its tokens so far are prefilled with its prompt."""
        self.preemptions += 1
        self._drop(active)
        waiting.appendleft(Active(active.number, active.request, active.made, first=active.first))

    def answer(self) -> Served:
        """What became of the trace."""
        decodes = self.iterations - self.prefills
        in_banks = self.server.timer.in_banks is not None
        return Served(
            done=tuple(sorted(self.done, key=lambda each: each.number)),
            rejected=tuple(self.rejected),
            iterations=self.iterations,
            prefills=self.prefills,
            preemptions=self.preemptions,
            seconds=self.now,
            npu=self.npu,
            pim=self.pim,
            batch=self.decoded / decodes if decodes else 0.0,
            imbalance=self.uneven / decodes if decodes and in_banks else None,
            counts=self.counts,
        )
