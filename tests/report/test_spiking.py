"""What the report shows of a network of neurons."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from strategies.spiking_chips import mesh
from strategies.spiking_networks import network

from hwsim import simulate
from hwsim.report import gallery
from hwsim.report.console import print_result
from hwsim.report.document import as_run
from hwsim.report.figures import mesh_heat, spike_activity, spike_raster
from hwsim.workload.workload import Workload


@pytest.fixture(scope="module")
def run():
    edges = [(i, (7 * i + k) % 30, 40.0) for i in range(30) for k in range(5)]
    net = network([i % 6 for i in range(30)], edges, bias=[9.0] * 30, threshold=[50.0] * 30)
    return simulate(mesh(), Workload("net", {}, (), network=net), fidelity="event").json


def test_a_dot_a_spike(run):
    document = as_run(run)
    (dots,) = spike_raster.figure(document).data
    assert len(dots.x) == len(dots.y) == run["spiking"]["spikes"] > 0
    assert max(dots.x) <= 20


def test_many_spikes_are_thinned_by_neuron(run, monkeypatch):
    monkeypatch.setattr(spike_raster, "MOST", run["spiking"]["spikes"] // 3)
    document = as_run(run)
    (dots,) = spike_raster.figure(document).data
    assert 0 < len(dots.x) < run["spiking"]["spikes"]
    assert "one neuron in" in spike_raster.caption(document)


def test_activity_adds_up_to_the_totals(run):
    document = as_run(run)
    lines = {trace.name: sum(trace.y) for trace in spike_activity.figure(document).data}
    assert lines["spikes"] == run["spiking"]["spikes"]
    assert lines["synaptic ops"] == run["spiking"]["synaptic_ops"]
    assert lines["time"] == pytest.approx(run["latency_s"])


def test_the_hottest_tile_is_that_of_the_busiest_core(run):
    (heat,) = mesh_heat.figure(as_run(run)).data
    cores = run["spiking"]["cores"]
    busiest = max(max(core["sending_s"], core["receiving_s"]) for core in cores)
    assert max(value for row in heat.z for value in row if value is not None) == busiest
    assert (len(heat.z), len(heat.z[0])) == (3, 2)


def test_every_figure_has_words_and_a_table(run):
    drawn = {each.identity: each for each in gallery.drawings(as_run(run))}
    for name in ("figure-spike-raster", "figure-spike-activity", "figure-mesh-heat"):
        assert drawn[name].caption.endswith(".")
        assert all(len(row) == len(drawn[name].grid.columns) for row in drawn[name].grid.rows)


def test_the_terminal_names_the_bottleneck(run):
    out = io.StringIO()
    print_result(run, Console(file=out, width=200))
    worst = run["spiking"]["bottleneck"]
    assert f"core {worst['core']}" in out.getvalue()
    assert "packets" in out.getvalue()
