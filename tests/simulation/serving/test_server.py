"""Serving over time: nothing is lost, times are in order, memory is not overdrawn, equal seeds are equal."""

from __future__ import annotations

import dataclasses
import functools
from random import Random

import pytest

from hwsim.arch.load import load_arch
from hwsim.simulation.serving.iteration import Iteration, Timer
from hwsim.simulation.serving.requests import Request, generated, read_requests, steady_lengths
from hwsim.simulation.serving.server import Server
from hwsim.simulation.serving.source import source_of
from hwsim.simulation.serving.stages import Stage, StageTime
from hwsim.simulation.serving.summary import percentiles, summary_of
from hwsim.simulation.serving.system import system_of
from hwsim.spec.errors import InputError

SMALL = ("memory.fanout=2", "system.pipeline_parallel=1", "memory.channels=4")


class Ticking(Timer):
    """Every iteration takes a second."""

    def iteration(self, model, channels):
        return Iteration((Stage(0, "whole", -1, "whole"),), (StageTime(1.0, 1.0, 0.0),))

    def load(self, shape, tokens):
        return float(tokens)


@functools.cache
def parts(machine, *overrides):
    system = system_of(load_arch(machine, (*SMALL, *overrides)))
    return system, source_of("opt_125m", (), "fp16")


def server(batch=8, policy="preempt", tokens=None, machine="neupims", timer=Ticking):
    """A server whose channels have room for requests of so many tokens together."""
    system, source = parts(machine)
    made = Server(timer(system), source, batch, policy)
    if tokens is not None:
        made.room = dataclasses.replace(made.room, bytes=float(made.room.needed(tokens)))
    return made


def prompt(random):
    """Short, long, or so long that the answer needs another row of values."""
    return random.choice([random.randint(1, 60), random.randint(1, 700), random.randint(490, 512)])


def drawn(random):
    """A trace of a few requests, some at once, some late, short and long."""
    trace = [
        Request(random.choice([0.0, 50 * random.random()]), prompt(random), random.randint(1, 25))
        for _ in range(random.randint(0, 9))
    ]
    return sorted(trace, key=lambda each: each.arrival)


def test_no_request_is_ever_lost_in_thousands_of_traces():
    random = Random(1)
    preempted = rejected = 0
    for _ in range(2000):
        trace, batch = drawn(random), random.randint(1, 9)
        policy = random.choice(["preempt", "reserve"])
        machine, tokens = random.choice(["neupims", "npu_only"]), random.choice([40, 300, 600, 1100])
        asked = server(batch, policy, tokens, machine)
        served = asked.serve(trace)
        assert sorted([each.number for each in served.done] + list(served.rejected)) == list(
            range(len(trace))
        )
        for each in served.done:
            assert each.request is trace[each.number]
            assert each.request.arrival + 1 <= each.first <= each.last
            assert each.last - each.first >= (each.request.output - 1) * (1 - 1e-12)
        for number in served.rejected:
            assert asked.room.needed(trace[number].tokens) > asked.room.bytes
        assert served.preemptions == 0 or policy == "preempt"
        preempted += served.preemptions
        rejected += len(served.rejected)
    assert preempted > 10
    assert rejected > 10


def test_full_channels_preempt_and_all_still_end():
    """Values of 512 tokens share their rows: a request takes as much again from its 513th token on."""
    trace = [Request(0.0, 400, 300)] * 12
    served = server(12, "preempt", 1400).serve(trace)
    assert served.preemptions > 0
    assert len(served.done) == 12
    reserved = server(12, "reserve", 1400).serve(trace)
    assert reserved.preemptions == 0
    assert len(reserved.done) == 12


def test_one_request_alone_takes_a_prefill_and_its_other_tokens():
    served = server().serve([Request(2.5, 10, 4)])
    assert (served.iterations, served.prefills, served.seconds) == (4, 1, 6.5)
    (done,) = served.done
    assert (done.time_to_first_token, done.time_per_token) == (1.0, 1.0)


@pytest.mark.parametrize("machine", ["neupims", "npu_pim", "npu_only"])
def test_remembering_changes_nothing(machine):
    trace = generated("sharegpt", 12, 200.0, 3)
    answers = []
    for remember in (True, False):
        made = server(machine=machine, timer=functools.partial(Timer, remember=remember))
        answers.append(made.serve(trace))
    assert dataclasses.replace(answers[0], counts=None) == dataclasses.replace(answers[1], counts=None)
    assert answers[0].counts.totals == answers[1].counts.totals


def test_generated_requests_have_the_lengths_that_are_published():
    share = generated("sharegpt", 20_000, None, 5)
    assert sum(each.prompt for each in share) / len(share) == pytest.approx(80, rel=0.05)
    assert sum(each.output for each in share) / len(share) == pytest.approx(296, rel=0.05)
    ordered = sorted(each.prompt + each.output for each in share)
    published = {0.25: 177, 0.5: 303, 0.75: 453, 0.9: 705}
    for part, tokens in published.items():
        assert ordered[int(part * len(ordered))] == pytest.approx(tokens, rel=0.12)
    alpaca = generated("alpaca", 20_000, None, 5)
    assert sum(each.prompt for each in alpaca) / len(alpaca) == pytest.approx(12.1, rel=0.06)
    assert sum(each.output for each in alpaca) / len(alpaca) == pytest.approx(55.8, rel=0.06)
    steady = steady_lengths("sharegpt", 20_000, 5)
    assert sum(steady) / len(steady) == pytest.approx(305, rel=0.03)


def test_arrivals_have_their_rate_and_seeds_their_requests():
    some = generated("alpaca", 4000, 10.0, 7)
    assert some[-1].arrival == pytest.approx(400, rel=0.1)
    assert some == generated("alpaca", 4000, 10.0, 7) != generated("alpaca", 4000, 10.0, 8)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", r"t.csv:1:1: the first line of a trace is"),
        ("arrival_s,prompt,output\n0,5\n", r"t.csv:2:1: 2 cells"),
        ("arrival_s,prompt,output\n0,5,1\n-1,5,1\n", r"t.csv:3:1: arrival_s: '-1'"),
        ("arrival_s,prompt,output\n0,5,0\n", r"t.csv:2:5: output: '0'"),
        ("arrival_s,prompt,output\n0,x,1\n", r"t.csv:2:3: prompt: 'x'"),
        ("arrival_s,prompt,output\n", r"no requests"),
    ],
)
def test_a_malformed_trace_is_refused_where_it_is(tmp_path, text, message):
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        read_requests(file)
    assert message.removeprefix("t.csv") in str(caught.value).replace(str(file), "")


def test_traces_are_read_in_the_order_of_arrival(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("arrival_s,prompt,output\n3,5,6\n\n1,2,3\n")
    assert read_requests(file) == (Request(1.0, 2, 3), Request(3.0, 5, 6))


def test_summary_and_percentiles():
    assert percentiles([]) == dict.fromkeys(("mean", "p50", "p90", "p95", "p99"))
    assert percentiles([1.0, 2.0, 3.0, 4.0]) == {"mean": 2.5, "p50": 2.0, "p90": 4.0, "p95": 4.0, "p99": 4.0}
    trace = [Request(0.0, 5, 3), Request(0.0, 5, 3)]
    told = summary_of(server().serve(trace), trace)
    assert (told["tokens"], told["tokens_asked"], told["seconds"], told["tokens_per_s"]) == (6, 6, 3.0, 2.0)


@pytest.mark.parametrize(
    ("name", "message"),
    [("resnet50", "is no decoder"), ("deepseek_v3", "has no attention|not alike")],
)
def test_models_that_cannot_be_served_are_refused(name, message):
    with pytest.raises(InputError, match=message):
        source_of(name, (), "fp16")


def test_choices_out_of_range_are_refused():
    with pytest.raises(InputError, match="the batch must be"):
        server(batch=0)
    with pytest.raises(InputError, match="there is no policy 'drop'"):
        server(policy="drop")
    with pytest.raises(InputError, match="there are no requests called 'sharegtp'"):
        generated("sharegtp", 5, None, 1)
    with pytest.raises(InputError, match="the rate must be"):
        generated("alpaca", 5, 0.0, 1)
