"""The controller in plain Python: every cycle visited, every queue a list, timing asked of a ``Probe``.

It shares no code with the compiled core. It follows the words of the reference: refresh, one command (two of
different kinds with two buses), one move, then what the requester offers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hwsim.engines.dram.address import address_map_of
from hwsim.engines.dram.controller import Controller
from hwsim.engines.dram.device import Device
from hwsim.engines.dram.probe import Probe
from hwsim.engines.dram.row_policies import row_policy_called
from hwsim.engines.dram.streams import Stream
from hwsim.engines.dram.timing import timing_of


@dataclass
class Request:
    number: int
    channel: int
    bank: int
    row: int
    unit: int
    is_write: bool
    arrival: int
    accepted: int = -1
    done: int = -1


@dataclass
class Channel:
    number: int
    probe: Probe
    queues: list[list[Request]]
    reads: list[Request] = field(default_factory=list)
    writes: list[Request] = field(default_factory=list)
    hits: list[int] = field(default_factory=list)
    pointer: int = 0
    draining: int = 0
    refreshes: list[range] = field(default_factory=list)
    next_refresh: int = 0
    followers: dict[int, list[Request]] = field(default_factory=dict)


class Twin:
    """Runs a stream and keeps the trace as (cycle, command, bank through all channels, row)."""

    def __init__(self, device: Device, stream: Stream, controller: Controller, issue_width: int) -> None:
        self.device, self.controller, self.width = device, controller, issue_width
        parts = device.organization
        self.parts = parts
        cycles = timing_of(device).cycles
        policy = row_policy_called(controller.row_policy)
        self.names = {w: device.standard.doing(d) for w, d in ((False, policy.read), (True, policy.write))}
        self.open, self.close = device.standard.doing("open"), device.standard.doing("close")
        self.delay = cycles("RL") + parts.burst_cycles
        self.span = 1 if controller.refresh == "per_bank" else parts.banks_per_rank
        self.refresh = device.standard.doing("refresh_bank" if self.span == 1 else "refresh")
        self.interval = {
            "none": 10**9,
            "all_bank": cycles("REFI") // parts.dram_ranks,
            "per_bank": cycles("REFIb") or cycles("REFI") // parts.banks,
        }[controller.refresh]
        self.channels = [
            Channel(c, Probe(device), [[] for _ in range(parts.banks)], hits=[0] * parts.banks)
            for c in range(parts.channels)
        ]
        f = address_map_of(device).decode(stream.unit)
        local = (f["ra"] * parts.bank_groups + f["bg"]) * parts.banks_per_group + f["ba"]
        self.requests = [
            Request(i, int(f["ch"][i]), int(local[i]), int(f["ro"][i]), int(stream.unit[i]), bool(w), int(t))
            for i, (w, t) in enumerate(zip(stream.is_write, stream.arrival, strict=True))
        ]
        self.trace: list[tuple[int, str, int, int]] = []
        self.active = 0
        self.pairs = 0
        self.head = 0

    def run(self) -> int:
        cycle = 0
        while True:
            for channel in self.channels:
                self.tick(channel, cycle)
            for _ in range(self.width):
                if self.head == len(self.requests) or not self.accept(self.requests[self.head], cycle):
                    break
                self.head += 1
            done = [r.done for r in self.requests]
            if self.head == len(self.requests) and min(done) >= 0 and cycle >= max(done):
                return cycle
            cycle += 1

    def accept(self, request: Request, cycle: int) -> bool:
        channel = self.channels[request.channel]
        queue = channel.writes if request.is_write else channel.reads
        room = self.controller.write_buffer if request.is_write else self.controller.read_queue
        if request.arrival > cycle or len(queue) >= room:
            return False
        request.accepted = cycle
        waiting = [*channel.writes, *channel.reads, *channel.queues[request.bank]]
        same = [r for r in waiting if r.unit == request.unit]
        if request.is_write or any(r.is_write for r in same):
            request.done = cycle + 2
            if request.is_write and not any(r.is_write for r in same):
                channel.writes.append(request)
        elif same:
            channel.followers.setdefault(same[0].number, []).append(request)
        else:
            channel.reads.append(request)
        return True

    def tick(self, channel: Channel, cycle: int) -> None:
        if cycle and cycle % self.interval == 0 and self.controller.refresh != "none":
            nodes = self.parts.banks // self.span
            if len(channel.refreshes) < nodes:
                first = channel.next_refresh * self.span
                channel.refreshes.append(range(first, first + self.span))
            channel.next_refresh = (channel.next_refresh + 1) % nodes
        issued = self.try_refresh(channel, cycle) if channel.refreshes else None
        if issued is None:
            issued = self.try_schedule(channel, cycle, None)
        if issued is not None and self.device.dual_issue:
            self.pairs += self.try_schedule(channel, cycle, issued) is not None
        for rank in range(self.parts.dram_ranks):
            first = rank * self.parts.banks_per_rank
            rows = channel.probe.rows[first : first + self.parts.banks_per_rank]
            self.active += any(row is not None for row in rows)
        self.move(channel)

    def issue(self, channel: Channel, name: str, bank: int, cycle: int, row: int | None) -> str:
        channel.probe.issue(name, bank, cycle, row)
        through_all = channel.number * self.parts.banks + bank
        self.trace.append((cycle, name, through_all, -1 if row is None else row))
        return name

    def try_refresh(self, channel: Channel, cycle: int) -> str | None:
        banks = channel.refreshes[0]
        for bank in banks:
            if channel.probe.legal(self.close, bank, cycle):
                channel.hits[bank] = 0
                return self.issue(channel, self.close, bank, cycle, None)
        if all(channel.probe.legal(self.refresh, bank, cycle) for bank in banks):
            channel.refreshes.pop(0)
            return self.issue(channel, self.refresh, banks[0], cycle, None)
        return None

    def candidates(self, channel: Channel, cycle: int) -> list[tuple[int, str, Request]]:
        """The ready command of each bank, by the rules within a bank's queue."""
        frozen = channel.refreshes[0] if channel.refreshes else range(0)
        found = []
        for bank, queue in enumerate(channel.queues):
            if bank not in frozen:
                first = next((c for c in self.ready(channel, bank, queue, cycle)), None)
                if first:
                    found.append((bank, *first))
        return found

    def ready(self, channel: Channel, bank: int, queue: list[Request], cycle: int):
        for place, request in enumerate(queue):
            name = channel.probe.needed(bank, request.row, self.names[request.is_write])
            if name == self.close:
                hit = any(r.row == channel.probe.rows[bank] for r in queue)
                capped = self.controller.scheduler == "fr_fcfs_hit_cap"
                if place or (hit and not (capped and channel.hits[bank] >= self.controller.hit_cap)):
                    continue
            row = None if name == self.close else request.row
            if channel.probe.legal(name, bank, cycle, row):
                yield name, request

    def try_schedule(self, channel: Channel, cycle: int, first: str | None) -> str | None:
        chosen = getattr(self, self.controller.scheduler)(channel, cycle)
        if chosen is None:
            return None
        bank, name, request = chosen
        if first is not None and (name in self.names.values()) == (first in self.names.values()):
            return None
        if name in self.names.values():
            channel.queues[bank].remove(request)
            channel.hits[bank] += 1
            if not request.is_write:
                for reader in [request, *channel.followers.pop(request.number, [])]:
                    reader.done = cycle + self.delay
        self.issue(channel, name, bank, cycle, None if name == self.close else request.row)
        if channel.probe.rows[bank] is None:
            channel.hits[bank] = 0
        return name

    def fr_fcfs_hit_cap(self, channel: Channel, cycle: int):
        banks = len(channel.queues)
        found = self.candidates(channel, cycle)
        order = sorted(found, key=lambda c: (c[0] - channel.pointer - 1) % banks)
        if not order:
            return None
        channel.pointer = order[0][0]
        return order[0]

    def fr_fcfs(self, channel: Channel, cycle: int):
        found = self.candidates(channel, cycle)
        return min(found, key=lambda c: (c[1] not in self.names.values(), c[2].number), default=None)

    def fcfs(self, channel: Channel, cycle: int):
        waiting = [queue[0] for queue in channel.queues if queue]
        if not waiting:
            return None
        oldest = min(waiting, key=lambda r: r.number)
        frozen = channel.refreshes[0] if channel.refreshes else range(0)
        name = channel.probe.needed(oldest.bank, oldest.row, self.names[oldest.is_write])
        row = None if name == self.close else oldest.row
        legal = oldest.bank not in frozen and channel.probe.legal(name, oldest.bank, cycle, row)
        return (oldest.bank, name, oldest) if legal else None

    def must_drain(self, channel: Channel) -> bool:
        length = len(channel.writes)
        idle = not any(channel.queues)
        return length >= self.controller.write_buffer or (length > self.controller.drain_above and idle)

    def move(self, channel: Channel) -> None:
        if channel.draining == 0 and self.must_drain(channel):
            channel.draining = len(channel.writes)
        queue = channel.writes if channel.draining else channel.reads
        chosen = self.first_with_room(channel, queue)
        if chosen is None:
            return
        if chosen.is_write:
            readers = [r for r in [*channel.reads, *channel.queues[chosen.bank]] if r.unit == chosen.unit]
            if any(not r.is_write for r in readers):
                channel.draining = 0
                behind = any(r.unit == chosen.unit for r in channel.reads)
                chosen = self.first_with_room(channel, channel.reads)
                if chosen is None or not (behind and self.must_drain(channel)):
                    return
                queue = channel.reads
            else:
                channel.draining -= 1
        queue.remove(chosen)
        channel.queues[chosen.bank].append(chosen)

    def first_with_room(self, channel: Channel, queue: list[Request]) -> Request | None:
        depth = self.controller.bank_queue
        return next((r for r in queue if len(channel.queues[r.bank]) < depth), None)
