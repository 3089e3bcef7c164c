"""What never changes in a run, as one record for the compiled core, and the empty tables it goes with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hwsim.engines.dram.controller import SCHEDULERS, Controller
from hwsim.engines.dram.device import Device
from hwsim.engines.dram.kernel import rows
from hwsim.engines.dram.kernel.rows import BANK_ROWS, CHANNEL_ROWS, FILTER, NEVER, Ints
from hwsim.engines.dram.row_policies import row_policy_called
from hwsim.engines.dram.standard import Does, Scope
from hwsim.engines.dram.timing import Rule, Timing, span
from hwsim.spec.errors import InputError

COMMANDS, RULES = 64, 1024
"""The most commands of a standard and rules between them."""
Setup = Any
"""A record of :data:`SETUP`."""

_COLUMN: tuple[Does, ...] = ("read", "write", "read_and_close", "write_and_close")
_CLOSING: tuple[Does, ...] = ("close", "read_and_close", "write_and_close")
PIM_COMMANDS: dict[str, Does] = {
    "pim_announce": "pim_announce",
    "pim_load": "pim_load",
    "pim_open": "pim_open",
    "pim_compute": "pim_compute",
    "pim_read_out": "pim_read_out",
    "pim_composite": "pim_compute_and_read_out",
    "pim_close": "pim_close",
    "pim_move_in": "pim_move_in",
    "pim_move_out": "pim_move_out",
    "pim_softmax": "pim_softmax",
}
"""Numbers of PIM commands in the setup and what they do; -1 where the standard has none."""
_FIRST_IN: dict[Scope, int] = {
    "bank": rows.FIRST_IN_BANK,
    "bank_group": rows.FIRST_IN_GROUP,
    "dram_rank": rows.FIRST_IN_RANK,
    "other_ranks": rows.FIRST_IN_RANK,
    "channel": rows.FIRST_IN_CHANNEL,
}
_NUMBERS = (
    *("open", "close", "read", "write", "refresh", *PIM_COMMANDS),
    *("read_cycles", "banks", "rank_banks", "dual_issue", "refresh_cycles", "refresh_span"),
    *("scheduler", "read_queue", "write_buffer", "bank_queue", "drain_above", "hit_cap"),
    *("earliest", "queue", "rings", "ring_places", "ring_depth", "bank_rows"),
    *("reads", "writes", "refreshes", "counts", "reading", "writing", "channel_rows"),
)
_PER_COMMAND = ("is_column", "closes", "first_rule", "last_rule")
_PER_RULE = ("second", "cycles", "first_in", "span", "others", "window", "ring")
SETUP = np.dtype(
    [
        *((name, np.int64) for name in _NUMBERS),
        *((name, np.int64, (COMMANDS,)) for name in _PER_COMMAND),
        *((name, np.int64, (RULES,)) for name in _PER_RULE),
    ]
)
"""Commands by number, what the controller may do, the rules of time (those of a command from ``first_rule``
to before ``last_rule``; row ``first_in`` of the banks has the first of ``span`` in the rule's node; with
``others`` the rule holds for the rest of the channel; ``window`` earlier commands of the kind are in the
``ring``), and where rows of the tables begin.
"""


@dataclass(frozen=True, slots=True)
class Tables:
    """The setup and the tables of a run that has not begun."""

    setup: Setup
    banks: Ints
    channels: Ints


def tables_of(device: Device, timing: Timing, controller: Controller) -> Tables:
    """All banks closed, all queues empty.

    Raises:
        InputError: the standard lacks a command that the controller needs, or has too many.
    """
    names = tuple(device.standard.commands)
    if len(names) > COMMANDS or len(timing.rules) > RULES:
        raise InputError(f"{device.standard.name} has more than {COMMANDS} commands or {RULES} rules")
    setup = np.zeros(1, SETUP)[0]
    _set(setup, _commands(device, names, controller))
    _set(setup, _sizes(device, timing, controller))
    _set_commands(setup, device)
    depth = _set_rules(setup, names, timing.rules, device)
    _set(setup, _bank_places(len(names), controller, *depth))
    _set(setup, _channel_places(len(names), controller, device))
    return Tables(setup, _banks(setup, device), _channels(setup, device))


def _set(setup: Setup, values: dict[str, int]) -> None:
    for name, value in values.items():
        setup[name] = value


def _commands(device: Device, names: tuple[str, ...], controller: Controller) -> dict[str, int]:
    policy = row_policy_called(controller.row_policy)
    needed: dict[str, Does] = {"open": "open", "close": "close", "read": policy.read, "write": policy.write}
    found = {key: names.index(_named(device, does)) for key, does in needed.items()}
    for key, does in PIM_COMMANDS.items():
        name = device.standard.doing(does)
        found[key] = names.index(name) if name else -1
    return {**found, "refresh": names.index(_named(device, _refreshing(controller)))}


def _named(device: Device, does: Does) -> str:
    name = device.standard.doing(does)
    if name is None:
        raise InputError(f"the standard {device.standard.name} has no command that does {does!r}")
    return name


def _refreshing(controller: Controller) -> Does:
    return "refresh_bank" if controller.refresh == "per_bank" else "refresh"


def _sizes(device: Device, timing: Timing, controller: Controller) -> dict[str, int]:
    parts, capped = device.organization, controller.scheduler == "fr_fcfs_hit_cap"
    return {
        "read_cycles": timing.cycles("RL") + parts.burst_cycles,
        "banks": parts.banks,
        "rank_banks": parts.banks_per_rank,
        "dual_issue": device.dual_issue,
        "refresh_cycles": _refresh_cycles(device, timing, controller),
        "refresh_span": 1 if controller.refresh == "per_bank" else parts.banks_per_rank,
        "scheduler": SCHEDULERS.index(controller.scheduler),
        "read_queue": controller.read_queue,
        "write_buffer": controller.write_buffer,
        "bank_queue": controller.bank_queue,
        "drain_above": controller.drain_above,
        "hit_cap": controller.hit_cap if capped else NEVER,
    }


def _refresh_cycles(device: Device, timing: Timing, controller: Controller) -> int:
    """Cycles from one refresh command in a channel to the next."""
    parts = device.organization
    if controller.refresh == "none":
        return NEVER
    if controller.refresh == "all_bank":
        return timing.cycles("REFI") // parts.dram_ranks
    period = timing.cycles("REFIb") or timing.cycles("REFI") // parts.banks
    if period == 0:
        raise InputError(f"{device.name} has no time to refresh single banks", hint="add REFIb to its timing")
    return period


def _set_commands(setup: Setup, device: Device) -> None:
    for number, command in enumerate(device.standard.commands.values()):
        setup["is_column"][number] = command.does in _COLUMN
        setup["closes"][number] = command.does in _CLOSING


def _set_rules(
    setup: Setup, names: tuple[str, ...], rules: tuple[Rule, ...], device: Device
) -> tuple[int, int]:
    """Write the rules between commands in use down by the first; the rings for their windows, and how
    deep.
    """
    used = {int(setup[name]) for name in ("open", "close", "read", "write", "refresh", *PIM_COMMANDS)}
    longest: dict[Any, int] = {}
    for rule in rules:
        key = (names.index(rule.first), rule.scope, names.index(rule.second), rule.window)
        alone = rule.scope == "other_ranks" and device.organization.dram_ranks == 1
        if {key[0], key[2]} <= used and not alone:
            longest[key] = max(rule.cycles, longest.get(key, 0))
    rings = 0
    for number, ((first, scope, second, window), cycles) in enumerate(sorted(longest.items())):
        for name, value in (
            *(("second", second), ("cycles", cycles), ("window", window), ("ring", rings)),
            *(("span", span(scope, device.organization)), ("others", scope == "other_ranks")),
            ("first_in", _FIRST_IN[scope]),
        ):
            setup[name][number] = value
        rings += window > 1
        setup["last_rule"][first:] = number + 1
        setup["first_rule"][first + 1 :] = number + 1
    return rings, max((rule.window for rule in rules), default=1)


def _bank_places(commands: int, controller: Controller, rings: int, deepest: int) -> dict[str, int]:
    queue = BANK_ROWS + commands
    places = queue + controller.bank_queue
    first_ring = places + rings
    return {
        "earliest": BANK_ROWS,
        "queue": queue,
        "ring_places": places,
        "rings": first_ring,
        "ring_depth": deepest,
        "bank_rows": first_ring + rings * deepest,
    }


def _channel_places(commands: int, controller: Controller, device: Device) -> dict[str, int]:
    writes = CHANNEL_ROWS + 2 * controller.read_queue
    refreshes = writes + 2 * controller.write_buffer
    counts = refreshes + device.organization.banks
    reading = counts + commands
    return {
        "reads": CHANNEL_ROWS,
        "writes": writes,
        "refreshes": refreshes,
        "counts": counts,
        "reading": reading,
        "writing": reading + FILTER,
        "channel_rows": reading + 2 * FILTER,
    }


def _banks(setup: Setup, device: Device) -> Ints:
    banks = np.zeros((int(setup["bank_rows"]), device.organization.channels * int(setup["banks"])), np.int64)
    banks[[rows.OPEN_ROW, rows.PIM_ROW, rows.HIT_READ, rows.HIT_WRITE]] = -1
    banks[rows.WAKE] = NEVER
    for scope, row in _FIRST_IN.items():
        size = span(scope, device.organization)
        banks[row] = np.arange(banks.shape[1]) // size * size
    banks[int(setup["rings"]) :] = -NEVER
    return banks


def _channels(setup: Setup, device: Device) -> Ints:
    channels = np.zeros((int(setup["channel_rows"]), device.organization.channels), np.int64)
    channels[[rows.DUE, rows.CHANNEL_WAKE]] = setup["refresh_cycles"]
    return channels
