"""Whether a trace of commands keeps the rules: knows the timing table and nothing of the simulator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hwsim.engines.dram.device import Device, Organization
from hwsim.engines.dram.standard import Does, Scope
from hwsim.engines.dram.timing import Rule, span, timing_of

_COLUMN: tuple[Does, ...] = ("read", "write", "read_and_close", "write_and_close")


@dataclass(frozen=True, slots=True)
class Command:
    """One line of a trace; ``bank`` counts through all channels, ``row`` is -1 where none is named."""

    cycle: int
    name: str
    bank: int
    row: int


def read_trace(device: Device, lines: Sequence[Sequence[int]]) -> list[Command]:
    """The trace of a run as commands."""
    names = tuple(device.standard.commands)
    return [Command(int(line[0]), names[line[1]], int(line[2]), int(line[3])) for line in lines]


def violations(device: Device, trace: Sequence[Command]) -> Iterator[str]:
    """What is wrong with a trace, in its order; nothing for a legal one."""
    yield from _gaps(device, trace)
    yield from _states(device, trace)
    yield from _buses(device, trace)


def _gaps(device: Device, trace: Sequence[Command]) -> Iterator[str]:
    """Each rule of time on its own: the cycles of its first commands by node, looked up for each second."""
    for rule in timing_of(device).rules:
        issued: dict[int, list[int]] = {}
        for command in trace:
            if command.name == rule.second:
                yield from _too_early(rule, command, issued, device)
            if command.name == rule.first:
                for node in _nodes(rule.scope, command, device):
                    issued.setdefault(node, []).append(command.cycle)


def _too_early(rule: Rule, command: Command, issued: dict[int, list[int]], device: Device) -> Iterator[str]:
    others = rule.scope == "other_ranks"
    nodes = _other_ranks(command.bank, device.organization) if others else _nodes(rule.scope, command, device)
    for node in nodes:
        before = issued.get(node, [])
        if len(before) >= rule.window and command.cycle - before[-rule.window] < rule.cycles:
            gap = command.cycle - before[-rule.window]
            yield f"{command}: {gap} after {rule.first}, must be {rule.cycles} in a {rule.scope}"


def _nodes(scope: Scope, command: Command, device: Device) -> list[int]:
    """The nodes of ``scope`` that a command is sent to: one wider than that goes to all below it."""
    parts, wide = device.organization, 1
    if device.standard.commands[command.name].scope != "bank":
        wide = span(device.standard.commands[command.name].scope, parts)
    first = command.bank // wide * wide
    return sorted({_node(scope, bank, parts) for bank in range(first, first + wide)})


def _node(scope: Scope, bank: int, parts: Organization) -> int:
    sizes = {"bank": 1, "bank_group": parts.banks_per_group, "channel": parts.banks}
    return bank // sizes.get(scope, parts.banks_per_rank)


def _other_ranks(bank: int, parts: Organization) -> list[int]:
    channel, own = bank // parts.banks, bank // parts.banks_per_rank
    ranks = range(channel * parts.dram_ranks, (channel + 1) * parts.dram_ranks)
    return [rank for rank in ranks if rank != own]


def _states(device: Device, trace: Sequence[Command]) -> Iterator[str]:
    """Rows are open when used, closed when opened; what is refreshed is closed."""
    rows: dict[int, int] = {}
    for command in trace:
        entry = device.standard.commands[command.name]
        if entry.does == "open":
            if command.bank in rows:
                yield f"{command}: the bank has row {rows[command.bank]} open"
            rows[command.bank] = command.row
        elif entry.does in _COLUMN and rows.get(command.bank) != command.row:
            yield f"{command}: the bank has row {rows.get(command.bank)} open"
        elif entry.does == "close" and command.bank not in rows:
            yield f"{command}: the bank has no row open"
        elif entry.does in ("refresh", "refresh_bank"):
            size = 1 if entry.scope == "bank" else device.organization.banks_per_rank
            still = [bank for bank in rows if bank // size == command.bank // size]
            if still:
                yield f"{command}: banks {still} have rows open"
        if entry.does in ("close", "read_and_close", "write_and_close"):
            rows.pop(command.bank, None)


def _buses(device: Device, trace: Sequence[Command]) -> Iterator[str]:
    """One command a cycle and channel, or one row and one column command."""
    taken: set[tuple[int, int, bool]] = set()
    for command in trace:
        column = device.standard.commands[command.name].does in _COLUMN and device.dual_issue
        slot = (command.bank // device.organization.banks, command.cycle, column)
        if slot in taken:
            yield f"{command}: the command bus is taken"
        taken.add(slot)
