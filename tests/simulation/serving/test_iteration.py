"""Iterations of language models on NPUs with and without PIM, and on GPUs."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.arch.load import load_arch
from hwsim.pipeline import simulate
from hwsim.simulation.serving.assignment import grouped, halves, imbalance, least_load, round_robin
from hwsim.simulation.serving.iteration import Timer
from hwsim.simulation.serving.pieces import pieces_of
from hwsim.simulation.serving.stages import Model, both, interleaved, one_after_another
from hwsim.simulation.serving.system import Load, system_of
from hwsim.spec.errors import InputError
from hwsim.workload.load import load_workload

FOUR = ("memory.fanout=4", "system.pipeline_parallel=1")
MACHINES = ("gpu_only", "npu_only", "npu_pim", "neupims", "aim", "attacc")
SMALL = ("config.layers=2", "context=305")


@functools.cache
def timer(name, *overrides, commands=False, remember=True):
    return Timer(system_of(load_arch(name, (*FOUR, *overrides))), commands, remember)


@functools.cache
def model(batch, name="gpt3_7b_decode", *overrides):
    workload = load_workload(name, (f"batch={batch}", *SMALL, *overrides)).with_datatype("fp16")
    pieces = pieces_of(workload)
    segments = tuple(tuple(piece.shape for piece in each) for each in pieces.segments)
    return Model(segments, tuple(each.shape for each in pieces.attentions), batch)


def iteration(asked, work, lengths):
    return asked.iteration(work, asked.assigned(work.attentions[0], lengths))


@pytest.mark.parametrize("batch", [64, 256])
def test_machines_come_in_the_order_of_their_ideas(batch):
    """NeuPIMs no slower than PIM on one row buffer, that no slower than the NPU alone."""
    lengths = [306] * batch
    seconds = [iteration(timer(name), model(batch), lengths).seconds for name in MACHINES[1:4]]
    assert seconds[0] > seconds[1] > seconds[2]


@pytest.mark.parametrize("name", ["npu_pim", "neupims"])
def test_rates_are_near_what_every_command_says(name):
    work, lengths = model(64), [80 + 13 * (n % 37) for n in range(64)]
    by_rates = iteration(timer(name), work, lengths).seconds
    by_commands = iteration(timer(name, commands=True), work, lengths).seconds
    assert by_rates == pytest.approx(by_commands, rel=0.05)


@pytest.mark.parametrize("commands", [False, True])
def test_remembering_changes_no_answer(commands):
    work, lengths = model(64), [100 + n for n in range(64)]
    remembered = iteration(timer("neupims", commands=commands), work, lengths)
    assert remembered == iteration(timer("neupims", commands=commands, remember=False), work, lengths)


def test_sub_batches_read_weights_twice_so_they_pay_from_a_large_batch_on():
    gains = []
    for batch in (32, 1024):
        lengths = [306] * batch
        off, on = (
            iteration(timer("neupims", f"memory.sub_batches={how}"), model(batch), lengths).seconds
            for how in ("never", "always")
        )
        gains.append(off / on)
        auto = iteration(timer("neupims", "memory.sub_batches=auto"), model(batch), lengths).seconds
        assert auto == min(off, on)
    assert gains[0] < 1 < gains[1]


def test_stages_do_every_segment_and_layer_of_every_sub_batch_once():
    orders = ((one_after_another(5), ("whole",)), (interleaved(5), ("first", "second")))
    for stages, parts in ((list(order), parts) for order, parts in orders):
        segments = [(stage.segment, stage.part) for stage in stages if stage.segment >= 0]
        layers = [(stage.layer, stage.other) for stage in stages if stage.layer >= 0]
        assert sorted(segments) == sorted((s, part) for s in range(6) for part in parts)
        assert sorted(layers) == sorted((n, part) for n in range(5) for part in parts)
        for part in parts:
            done = [
                kind * 0.5 + at
                for stage in stages
                for kind, at, who in ((0, stage.segment, stage.part), (1, stage.layer, stage.other))
                if at >= 0 and who == part
            ]
            assert done == sorted(done)


@settings(max_examples=60, deadline=None)
@given(
    compute=st.floats(0, 9),
    memory=st.floats(0.01, 9),
    pim=st.floats(0.01, 9),
    slow=st.tuples(st.floats(1, 2), st.floats(1, 2)),
)
def test_both_at_once_take_at_least_the_longer_and_at_most_what_slowing_costs(compute, memory, pim, slow):
    npu = Load(compute, memory, 0.0, max(compute, memory))
    found = both(npu, pim, slow)
    assert max(npu.alone, pim) <= found.seconds * (1 + 1e-9)
    assert found.seconds <= npu.alone * slow[1] + pim * slow[0] + 1e-9
    blocked = both(npu, pim, (1.0, float("inf")))
    assert blocked.seconds == max(npu.alone, memory + pim)


@settings(max_examples=40, deadline=None)
@given(lengths=st.lists(st.integers(1, 2048), max_size=300), channels=st.integers(1, 32))
def test_assignment_loses_no_request_and_halves_are_halves(lengths, channels):
    for chosen in (round_robin(lengths, channels), least_load(lengths, channels)):
        placed = grouped(lengths, chosen, channels)
        assert sorted(length for each in placed for length in each) == sorted(lengths)
        first, second = halves(placed)
        counts = [sum(len(each) for each in half) for half in (first, second)]
        assert abs(counts[0] - counts[1]) <= 1
        assert sorted(n for half in (first, second) for each in half for n in each) == sorted(lengths)
    least = imbalance(lengths, least_load(lengths, channels), channels)
    assert least <= imbalance(lengths, round_robin(lengths, channels), channels) * 4 / 3 + 1e-9


@pytest.mark.parametrize("name", MACHINES)
def test_a_run_keeps_the_laws(name):
    """Bounds hold, energy is the sum of its actions, every operator has a place and a time."""
    overrides = ("workload.batch=32", "workload.config.layers=2", "workload.context=100", *FOUR)
    times = []
    for fidelity in ("bound", "analytical"):
        found = simulate(name, "gpt3_7b_decode", fidelity=fidelity, overrides=overrides)
        assert found.latency_s >= found.execution.lower_bound_cycles / found.arch.clock * (1 - 1e-12)
        actions = sum(each["energy_j"] for each in found.json["actions"])
        assert found.prices.dynamic_energy == pytest.approx(actions)
        assert {op["name"] for op in found.json["ops"]} == {op.name for op in found.workload.operators}
        assert found.json["serving"]["tokens_per_s"] == pytest.approx(32 / found.latency_s)
        times.append(found.latency_s)
    assert times[0] <= times[1]


@pytest.mark.parametrize("workload", ["llama3_8b", "mixtral_8x7b"])
def test_grouped_heads_and_experts_run_in_both_phases(workload):
    common = ("workload.config.layers=1", "workload.batch=16", *FOUR)
    step = ("workload.phase=decode", "workload.context=300")
    decode = simulate("neupims", workload, overrides=(*common, *step))
    prefill = simulate("neupims", workload, overrides=(*common, "workload.sequence=300"))
    assert decode.json["serving"]["utilization"]["pim"] > 0
    assert prefill.json["serving"]["utilization"]["pim"] == 0
    assert prefill.latency_s > decode.latency_s


def test_what_does_not_fit_says_how_much_lacks():
    with pytest.raises(InputError, match=r"keys and values take .* GB lack"):
        simulate("neupims", "gpt3_7b_decode", overrides=("workload.batch=2560",))
    with pytest.raises(InputError, match=r"the weights take 349.* GB, 'neupims' has 137.4 GB: 21.* GB lack"):
        simulate("neupims", "gpt3_175b", overrides=("workload.phase=decode", *FOUR))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("memory.two_row_buffers=hbm3x", "there is no dram .hbm3x."),
        ("system.pipeline_parallel=3", "3 groups do not divide 16 devices"),
        ("memory.two_row_buffers=hbm2", "hbm2 has no PIM commands"),
    ],
)
def test_wrong_machines_are_refused(override, message):
    with pytest.raises(InputError, match=message):
        simulate("neupims", "gpt3_7b_decode", overrides=(override, "workload.config.layers=1"))
