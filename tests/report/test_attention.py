"""What the report and the terminal show of fused attention, from a real run."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from hwsim.pipeline import simulate
from hwsim.report import gallery
from hwsim.report.console import print_result
from hwsim.report.document import as_run
from hwsim.report.explain import explain
from hwsim.report.figures import attention_buffer, attention_cascade, attention_tile, timeline
from hwsim.report.page import render
from hwsim.report.usage import usages

OVERRIDES = ("workload.sequence=2048", "workload.config.layers=2")


@pytest.fixture(scope="module", params=["fusemax", "flat"])
def result(request):
    return simulate("fusemax_cloud", "gpt2", request.param, overrides=OVERRIDES).json


@pytest.fixture(scope="module")
def run(result):
    return as_run(result)


def test_every_figure_of_attention_is_drawn_with_words_and_a_table(run):
    mine = [drawing for drawing in gallery.drawings(run) if drawing.section == "attention"]
    assert [each.identity for each in mine] == [
        "figure-attention-cascade",
        "figure-attention-tile",
        "figure-attention-buffer",
    ]
    for drawing in mine:
        assert drawing.caption.endswith(".")
        assert all(len(row) == len(drawing.grid.columns) for row in drawing.grid.rows)


def test_every_einsum_is_a_node_and_every_read_of_another_an_arrow(run):
    graph = run.longest_attention.cascade
    drawn = attention_cascade.figure(run)
    named = [text.strip() for trace in drawn.data if "markers" in trace.mode for text in trace.text]
    assert sorted(named) == sorted(node.name for node in graph.nodes)
    assert len(drawn.layout.annotations) == sum(edge.from_ != edge.to for edge in graph.edges)
    places = [
        (x, y)
        for trace in drawn.data
        if "markers" in trace.mode
        for x, y in zip(trace.x, trace.y, strict=True)
    ]
    assert len(set(places)) == len(graph.nodes)
    passes = {text for trace in drawn.data if trace.mode == "text" for text in trace.text}
    assert passes == ({"1"} if "1pass" in graph.name else {"1", "2"})


def test_bars_of_a_tile_are_what_the_arrays_do(run):
    attention = run.longest_attention
    lengths = [length for trace in attention_tile.figure(run).data for length in trace.x]
    assert sum(lengths) == pytest.approx(sum(span.cycles for span in attention.tile))


def test_only_the_one_pass_line_is_flat(run):
    lines = {trace.name: trace.y for trace in attention_buffer.figure(run).data}
    assert "Independent of the length: 1-pass cascade" in attention_buffer.caption(run)
    assert [name for name, sizes in lines.items() if len(set(sizes)) == 1] == [
        attention_buffer.ONE_PASS,
        "global_buffer: 16 MiB",
    ]


def test_both_arrays_are_on_the_timeline_and_in_use(run):
    rows = {row for trace in timeline.figure(run).data for row in trace.y}
    assert len(rows) == 2
    busy = {usage.component: usage for usage in usages(run) if usage.measure == "time busy"}
    fused = next(op for op in run.ops if op.name == run.longest_attention.operators[0])
    for part in run.longest_attention.arrays[:2]:
        shares = [span.share for span in busy[part.component].spans if span.start_s == fused.start_s]
        assert shares == [part.utilization]


def test_the_page_has_the_loop_nest_and_the_terminal_says_why(result, run):
    assert "for keys m1 in 0..2048 by 256" in render(result)
    out = io.StringIO()
    print_result(result, Console(file=out, width=300))
    line = next(line for line in out.getvalue().splitlines() if line.startswith("attention "))
    assert run.longest_attention.configuration in line
    assert "busy: array_2d" in line
    assert "longest on" in line


def nodes(node):
    yield node
    for child in node.children:
        yield from nodes(child)


def test_the_cycles_of_both_arrays_are_explained_down_to_one_operation(result, run):
    attention = run.longest_attention
    tree = explain(result, f"{attention.operators[0]}.attention")
    assert tree.value == attention.array_cycles
    assert tree.adds_up
    assert [node.label for node in nodes(tree) if node.adds_up is False] == []
    labels = {node.label for node in nodes(tree)}
    assert {work.name for work in attention.einsums} < labels
    exps = [node for node in nodes(tree) if node.label == "cycles of exp"]
    assert exps
    assert all(node.value == 6 and "multiply-accumulates" in node.source for node in exps)


def test_the_band_of_fused_attention_says_where_it_was_compared():
    inside = simulate("fusemax_cloud", "bert_base", "fusemax", overrides=("workload.sequence=2048",)).bands
    other = simulate("tpu_v1", "bert_base", "fusemax", overrides=("workload.sequence=2048",)).bands
    for part in ("scores", "softmax", "values"):
        assert inside[f"layer0.attention.{part}"] == "+-0 % attention latency (FuseMax, MICRO 2024, 54 cases)"
        assert other[f"layer0.attention.{part}"].endswith("54 cases), extrapolated in machine")


def test_an_operator_that_is_not_fused_has_nothing_to_explain_there(result):
    assert "not the first operator" in explain(result, "final_norm.attention").shown
    assert "attention" not in {node.label for node in explain(result, "final_norm").children}
