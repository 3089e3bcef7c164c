"""Layer three: each gate of the timing table is shut at t - 1 and open at t; and bad tables are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsim.engines.dram.address import address_map_of
from hwsim.engines.dram.check import Command, violations
from hwsim.engines.dram.controller import Controller
from hwsim.engines.dram.device import load_device
from hwsim.engines.dram.expression import evaluate, values_of
from hwsim.engines.dram.kernel.issue import delay
from hwsim.engines.dram.kernel.setup import tables_of
from hwsim.engines.dram.probe import IllegalCommand, Probe
from hwsim.engines.dram.timing import span, timing_of
from hwsim.spec.errors import InputError
from hwsim.spec.library import names

DEVICES = [entry.name for entry in names("dram")]
FAR = 10**6


def related(rule, parts):
    """Two banks that a rule is about, different ones where its scope has more than one."""
    if rule.scope == "other_ranks":
        return 0, parts.banks_per_rank
    return 0, span(rule.scope, parts) - 1


def applies(rule, first, second, parts):
    size = span(rule.scope, parts)
    together = first // size == second // size
    return together != (rule.scope == "other_ranks")


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("policy", ["open_page", "closed_page"])
def test_compiled_gates_are_tight(name, policy):
    """After one command the core allows each other command in exactly the cycle the longest rule says."""
    device = load_device(name)
    timing, parts = timing_of(device), device.organization
    order = list(device.standard.commands)
    tables = tables_of(device, timing, Controller(row_policy=policy))
    used = {order[int(tables.setup[key])] for key in ("open", "close", "read", "write", "refresh")}
    for first in used:
        fresh = tables.banks.copy()
        delay(tables.setup, fresh, order.index(first), 0, FAR)
        for second in used:
            for bank in range(parts.banks):
                rules = [
                    r
                    for r in timing.rules
                    if (r.first, r.second, r.window) == (first, second, 1) and applies(r, 0, bank, parts)
                ]
                expected = FAR + max((r.cycles for r in rules), default=-FAR)
                assert fresh[int(tables.setup["earliest"]) + order.index(second), bank] == expected


@pytest.mark.parametrize("name", DEVICES)
def test_windows_are_tight(name):
    """The command after a full window waits for the first of it, and not for the one before."""
    device = load_device(name)
    timing = timing_of(device)
    tables = tables_of(device, timing, Controller())
    act = int(tables.setup["open"])
    windows = [rule for rule in timing.rules if rule.window > 1]
    assert windows
    for rule in windows:
        fresh = tables.banks.copy()
        cycles = [FAR + k for k in range(rule.window + 2)]
        for cycle in cycles:
            delay(tables.setup, fresh, act, 0, cycle)
        bank = device.organization.banks_per_rank - 1
        allowed = fresh[int(tables.setup["earliest"]) + act, bank]
        full = [
            r
            for r in timing.rules
            if r.first == r.second == rule.first
            and len(cycles) >= r.window
            and applies(r, 0, bank, device.organization)
        ]
        assert allowed == max(cycles[-r.window] + r.cycles for r in full)


@pytest.mark.parametrize("name", DEVICES)
def test_probe_and_checker_agree_on_every_gate(name):
    """The probe and the trace checker, which share nothing, refuse t - 1 and take t."""
    device = load_device(name)
    parts = device.organization
    known = device.standard.commands
    for rule in timing_of(device).rules:
        if rule.scope == "other_ranks" and parts.dram_ranks == 1:
            continue
        if any(known[name].does.startswith("pim") for name in (rule.first, rule.second)):
            continue  # the probe is of normal commands; those for PIM are tested with their engine
        one, two = related(rule, parts)
        probe = Probe(device)
        trace = []

        def issue(command, bank, cycle, probe=probe, trace=trace):
            row = -1 if known[command].does in ("close", "refresh", "refresh_bank") else 7
            probe.issue(command, bank, cycle, row)
            trace.append(Command(cycle, command, bank, row))

        def prepare(command, bank, cycle, probe=probe, issue=issue):
            needs_row = known[command].does not in ("open", "refresh", "refresh_bank")
            if needs_row and probe.rows[bank] is None:
                issue("ACT", bank, cycle)

        prepare(rule.first, one, 0)
        if two != one:
            prepare(rule.second, two, 5000)
        if rule.window > 1:
            continue
        issue(rule.first, one, FAR)
        legal = probe.earliest(rule.second, two)
        assert legal >= FAR + rule.cycles
        with pytest.raises(IllegalCommand):
            probe.issue(rule.second, two, legal - 1, 7)
        shut = [*trace, Command(legal - 1, rule.second, two, 7)]
        assert any("after" in text for text in violations(device, shut))
        opened = [*trace, Command(legal, rule.second, two, 7)]
        assert not any("after" in text for text in violations(device, opened))


def test_bank_groups_of_one_take_short_times():
    timing = timing_of(load_device("gddr6_nobg"))
    assert timing.cycles("CCD_L") == timing.cycles("CCD_S") == 3


@pytest.mark.parametrize(
    ("old", "new", "what", "shown"),
    [
        ("CL: 14", "CL: 14\n  RC: 47", "RC (47) must be at least RAS + RP (48)", "RC: 47"),
        ("  RAS: 34\n", "", "'RAS' has no value", "timing:"),
        (
            "address_map: ro-ra-bg-ba-ch-co",
            "address_map: ro-ra-bg-ba-ch-cl",
            "no address field 'cl'",
            "address_map",
        ),
        ("standard: jedec", "standard: jedeck", "there is no dram_standard 'jedeck'", None),
        ("FAW: 30", "FAW: 3", "FAW (3) must be at least RRD_S (4)", "FAW: 3"),
        ("columns: 128,", "columns: 126,", "126 is not a multiple of 4", "columns: 126"),
    ],
)
def test_wrong_tables_are_refused_where_they_are_wrong(tmp_path, old, new, what, shown):
    text = load_device("hbm2").document.file
    source = Path(text).read_text()
    assert old in source
    path = tmp_path / "mine.yaml"
    path.write_text(source.replace(old, new))
    with pytest.raises(InputError) as caught:
        device = load_device(str(path))
        address_map_of(device)
        timing_of(device)
    assert what in caught.value.message
    if shown:
        assert shown in caught.value.position.text


def test_unknown_commands_in_rules_are_refused_where_they_stand(tmp_path):
    path = tmp_path / "mine.yaml"
    rule = "{scope: bank, from: [ATC], to: [RD], cycles: '3'}"
    path.write_text(f"name: mine\nsource: me\nextends: jedec\nrules:\n  - {rule}\n")
    device = tmp_path / "device.yaml"
    source = Path(load_device("hbm2").document.file).read_text()
    device.write_text(source.replace("standard: jedec", f"standard: {path}"))
    with pytest.raises(InputError, match="no command 'ATC'") as caught:
        load_device(str(device))
    assert caught.value.position.line == 5
    assert "ACT" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3), ("A + 2*B - 1", 10), ("max(A, B, C)", 10), ("-(A - B)", 1), ("D", 7)]
)
def test_expressions(text, value):
    assert evaluate(text, values_of({"A": 3, "B": 4, "C": 10}, {"D": "A + B"})) == value


@pytest.mark.parametrize("text", ["", "A +", "A / 2", "f(A)", "A ** 9", "'x'", "True", "max()", "A.b", "1.5"])
def test_what_is_no_expression(text):
    with pytest.raises(InputError):
        evaluate(text, values_of({"A": 3}, {}))


def test_names_that_need_themselves():
    with pytest.raises(InputError, match="defined by itself"):
        values_of({}, {"A": "B + 1", "B": "A"})("A")
