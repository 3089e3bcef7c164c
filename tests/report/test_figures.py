from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.report import figures, gallery, palette
from hwsim.report.document import as_run
from hwsim.report.figures import energy, energy_flow, operators, roofline, stalls, timeline
from hwsim.report.intensity import roof
from hwsim.report.usage import Span, binned, usages


@pytest.fixture(scope="module")
def run(sample):
    return as_run(sample(layers=3))


def bars(figure):
    return [trace for trace in figure.data if trace.type == "bar"]


def test_every_module_is_found_and_draws(run):
    found = {one.__name__.rpartition(".")[2] for one in gallery.modules(figures)}
    drawn = {one.identity.removeprefix("figure-").replace("-", "_") for one in gallery.drawings(run)}
    fused = {"attention_cascade", "attention_tile", "attention_buffer"}
    spiking = {"spike_raster", "spike_activity", "mesh_heat"}
    assert found == drawn | fused | spiking  # no attention is fused there, and there are no neurons
    assert len(found) >= 10


def test_drawings_have_words_and_a_table(run):
    for drawing in gallery.drawings(run):
        assert drawing.title
        assert drawing.caption.endswith(".")
        assert drawing.grid.rows
        assert all(len(row) == len(drawing.grid.columns) for row in drawing.grid.rows)


def test_an_empty_run_draws_what_it_can(sample):
    empty = as_run(sample() | {"ops": [], "actions": [], "components": []})
    assert [drawing.identity for drawing in gallery.drawings(empty)] == ["figure-bounds"]


def test_bars_of_operators_add_up_to_their_time(run):
    lengths = [length for trace in bars(operators.figure(run)) for length in trace.x]
    assert math.fsum(lengths) == pytest.approx(sum(op.latency_s for op in run.ops))


def test_bars_of_energy_add_up_to_the_total(run):
    lengths = [length for trace in bars(energy.figure(run)) for length in trace.x]
    assert math.fsum(lengths) == pytest.approx(run.energy_j)


def test_stall_bars_add_up_to_the_cycles_lost(run):
    lengths = [length for trace in bars(stalls.figure(run)) for length in trace.x]
    assert math.fsum(lengths) == pytest.approx(sum(op.stall_cycles for op in run.ops))


def test_energy_flows_in_and_out_of_each_component(run):
    sankey = energy_flow.figure(run).data[0]
    flows = list(zip(sankey.link.source, sankey.link.target, sankey.link.value, strict=True))
    middle = {source for source, _, _ in flows} & {target for _, target, _ in flows}
    for node in middle:
        entering = math.fsum(value for _, target, value in flows if target == node)
        assert entering == pytest.approx(math.fsum(value for source, _, value in flows if source == node))
    ends = math.fsum(value for _, target, value in flows if target not in middle)
    assert ends == pytest.approx(run.energy_j)


def test_no_point_is_above_the_roof(run):
    """A result whose operators move their bytes through a memory cannot be faster than that memory."""
    above = roof(run)
    for point in roofline.points(run, 100):
        memory = next(one for one in above.memories if one.name == point.memory)
        ceiling = min(above.peak, memory.bandwidth_bytes_per_s * point.macs_per_byte)
        assert point.macs_per_s <= ceiling * (1 + 1e-9)


def test_the_roofline_has_a_ceiling_for_each_memory_and_a_peak(run):
    names = {trace.name for trace in roofline.figure(run).data}
    assert {"dram ceiling", "buffer ceiling", "peak of array", "dram", "buffer"} <= names


def test_names_are_shown_as_they_are(sample):
    result = sample()
    result["ops"][0]["name"] = "<b>&x</b>"
    axis = operators.figure(as_run(result)).layout.yaxis
    assert axis.ticktext[0] == "&lt;b&gt;&amp;x&lt;/b&gt;"


def test_operators_of_one_name_keep_their_own_rows(sample):
    result = sample(layers=1)
    for op in result["ops"]:
        op["name"] = "same"
    axis = operators.figure(as_run(result)).layout.yaxis
    assert len(axis.ticktext) == len(result["ops"])


def test_figures_of_a_thousand_operators_stay_small(sample):
    run = as_run(sample(layers=110))
    assert len(run.ops) > 1200
    for drawing in gallery.drawings(run):
        assert len(str(drawing.data)) < 100_000, drawing.identity


def test_the_timeline_shows_every_operator_in_its_row_with_few_bars(sample):
    run = as_run(sample(layers=110))
    drawn = timeline.figure(run)
    rows = dict(zip(drawn.layout.yaxis.ticktext, drawn.layout.yaxis.tickvals, strict=True))
    shown = {
        (trace.name, row, base, base + length)
        for trace in bars(drawn)
        for row, base, length in zip(trace.y, trace.base, trace.x, strict=True)
    }
    assert len(shown) < len(run.ops)
    for op in run.ops:
        mine = [bar for bar in shown if bar[:2] == (op.bound_by, rows[op.component])]
        assert any(start <= op.start_s and op.end_s <= end * (1 + 1e-12) for _, _, start, end in mine)


def test_the_timeline_of_few_operators_has_a_bar_for_each(sample):
    run = as_run(sample(layers=1))
    lengths = [length for trace in bars(timeline.figure(run)) for length in trace.x]
    assert lengths == pytest.approx(
        [op.latency_s for bound in ("compute", "dram") for op in run.ops if op.bound_by == bound]
    )


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0, 0.9), st.floats(0.001, 0.1), st.floats(0, 1)), min_size=1, max_size=6),
    st.integers(1, 50),
)
def test_slices_keep_the_work(spans, bins):
    shares = binned([Span(start, start + long, used) for start, long, used in spans], 1.0, bins)
    assert math.fsum(shares) / bins == pytest.approx(sum(long * used for _, long, used in spans), abs=1e-9)


def test_use_over_time_adds_up_to_the_whole(run):
    """Mean bandwidth taken is traffic over bandwidth and latency; mean time busy is that of the operators."""
    found = {usage.label: math.fsum(binned(usage.spans, run.latency_s, 40)) / 40 for usage in usages(run)}
    moved = sum(op.traffic["dram"] for op in run.ops)
    assert found["dram: of bandwidth"] == pytest.approx(moved / 34e9 / run.latency_s)
    busy = sum(op.latency_s for op in run.ops if op.component == "vector")
    assert found["vector: time busy"] == pytest.approx(busy / run.latency_s)
    assert found["array: of peak MACs"] == pytest.approx(run.utilization, rel=1e-3)


def contrast(first: str, second: str) -> float:
    """WCAG 2.2 contrast ratio."""
    low, high = sorted(luminance(one) for one in (first, second))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*palette.COLOURS, palette.NEUTRAL])
def test_data_colours_stand_out_on_the_light_and_the_dark_page(colour):
    assert contrast(colour, "#ffffff") >= 3
    assert contrast(colour, "#1a1e22") >= 3


def test_compute_has_the_same_colour_in_every_report(run):
    assert palette.bounds(run)["compute"] == palette.COMPUTE
