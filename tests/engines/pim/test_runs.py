"""PIM programs beside normal requests: what must hold for any of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.dram.address import address_map_of
from hwsim.engines.dram.check import read_trace
from hwsim.engines.dram.device import load_device
from hwsim.engines.dram.streams import stream
from hwsim.engines.dram.timing import span, timing_of
from hwsim.engines.pim.machine import PimController
from hwsim.engines.pim.program import Instruction, tile
from hwsim.engines.pim.simulate import NO_REQUESTS, simulate_pim
from hwsim.spec.errors import InputError

DUAL, SINGLE = load_device("hbm2_neupims"), load_device("hbm2_newton")


def program(tiles, steps, composite, loads=1):
    found = []
    for index in range(tiles):
        if index % max(1, tiles // loads) == 0:
            found.append(Instruction("load", 20000))
        found += tile(20001 + index, steps, composite)
    return found


def run(dual, tiles, steps, requests=NO_REQUESTS, **options):
    device = DUAL if dual else SINGLE
    controller = PimController(row_buffers=2 if dual else 1)
    return simulate_pim(device, program(tiles, steps, dual), requests, controller, **options)


def reads(dual, n, pattern="seq"):
    return stream(pattern, n, 1, address_map_of(DUAL if dual else SINGLE))


def broken_rules(device, trace):
    """Every rule of time that a trace breaks, for commands of any scope: all nodes below are asked."""
    parts, known = device.organization, device.standard.commands
    commands = read_trace(device, trace)

    def nodes(command, scope):
        size = span(scope, parts)
        wide = span(known[command.name].scope, parts)
        first = command.bank // wide * wide
        return {bank // size for bank in range(first, first + wide)}

    for rule in timing_of(device).rules:
        issued = {}
        for command in commands:
            if command.name == rule.second and rule.scope != "other_ranks":
                for node in nodes(command, rule.scope):
                    before = issued.get(node, [])
                    if len(before) >= rule.window and command.cycle - before[-rule.window] < rule.cycles:
                        yield rule, command
            if command.name == rule.first:
                for node in nodes(command, rule.scope):
                    issued.setdefault(node, []).append(command.cycle)


@settings(max_examples=20, deadline=None)
@given(
    dual=st.booleans(),
    tiles=st.integers(1, 12),
    steps=st.lists(st.integers(1, 16), min_size=1, max_size=4),
    count=st.integers(0, 300),
    share=st.floats(0, 1),
    pattern=st.sampled_from(["seq", "rand"]),
)
def test_any_program_is_legal_ends_and_loses_nothing(dual, tiles, steps, count, share, pattern):
    requests = reads(dual, count, f"{pattern}:w={share:.2f}") if count else NO_REQUESTS
    found = run(dual, tiles, steps, requests, recorded=20_000)
    assert list(broken_rules(found.device, found.trace)) == []
    assert (found.done > 0).all()
    assert found.commands["P_HEADER"] == tiles
    if dual:
        assert found.commands["COMPS_READRES"] == tiles * len(steps)
    else:
        assert found.commands["COMP"] == tiles * sum(steps)
        assert found.commands["READRES"] == tiles * len(steps)


@settings(max_examples=15, deadline=None)
@given(dual=st.booleans(), tiles=st.integers(5, 40), steps=st.sampled_from([(8, 8, 8, 8), (32,), (3,)]))
def test_a_refresh_never_splits_a_tile(dual, tiles, steps):
    found = run(dual, tiles, steps, recorded=100_000)
    names = [command.name for command in read_trace(found.device, found.trace)]
    readouts, inside = 0, False
    for name in names:
        inside = inside or name == "P_HEADER"
        if name in ("READRES", "COMPS_READRES"):
            readouts += 1
            inside = readouts % len(steps) != 0
        assert not (inside and name == "REF")


@pytest.mark.parametrize(("tiles", "count"), [(8, 512), (20, 1024), (30, 3000)])
def test_one_buffer_reads_after_pim_and_two_overlap(tiles, count):
    """One: reads end at PIM's end plus their own time. Two: longer than either alone, shorter than both."""
    steps = (8, 8, 8, 8)
    alone = {dual: (run(dual, tiles, steps).pim_last, run(dual, 0, ()).pim_last) for dual in (True, False)}
    both = {dual: run(dual, tiles, steps, reads(dual, count)) for dual in (True, False)}
    only = run(True, 0, (), reads(True, count)).request_last
    assert both[False].pim_last == alone[False][0]
    assert both[False].request_last > both[False].pim_last
    assert both[False].request_last == pytest.approx(alone[False][0] + only, rel=0.1)
    assert max(alone[True][0], only) <= both[True].last <= alone[True][0] + only
    assert both[True].request_last < both[False].request_last


def test_exact_commands_of_a_tile():
    """Eight groups open in 30 cycles of each other within a rank; 14 later the columns; 2 x (8 + 1) apart."""
    found = run(True, 1, (8, 8), recorded=100)
    commands = [(c.cycle, c.name, c.bank) for c in read_trace(DUAL, found.trace)]
    begin = 1 + 14 + 96
    assert commands[:3] == [(1, "ACT", 0), (15, "GWRITE", 0), (begin, "P_HEADER", 0)]
    opened = [(begin + 1 + 30 * k + rank, "G_ACT", 16 * rank + 4 * k) for k in range(4) for rank in (0, 1)]
    assert commands[3:11] == opened
    last = begin + 2 + 90
    assert commands[11:] == [(last + 14, "COMPS_READRES", 0), (last + 32, "COMPS_READRES", 0)]
    assert found.pim_last == last + 32 + 14 + 2


def test_bad_programs_and_machines_are_refused():
    with pytest.raises(InputError, match="there is no PIM instruction 'lod'"):
        simulate_pim(DUAL, [Instruction("lod", 1)])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="row_buffers must be 1 or 2"):
        simulate_pim(DUAL, [], controller=PimController(row_buffers=3))
    with pytest.raises(InputError, match="has no PIM commands"):
        simulate_pim(load_device("hbm2"), [])
    with pytest.raises(InputError, match="take one at a time"):
        simulate_pim(load_device("hbm2_neupims", 4), [])
