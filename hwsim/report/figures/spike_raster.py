"""Who fired when."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Run
from hwsim.report.grid import Grid, number

SECTION = "spikes"
ORDER = 10
TITLE = "Spike raster"
MOST = 20_000
"""So many spikes are drawn; of more, every second, third ... neuron."""
TABLE_ROWS = 10


def figure(run: Run) -> Figure | None:
    """A dot a spike: the time step across, the neuron upwards."""
    if run.spiking is None or run.spiking.raster is None or not run.spiking.raster.step:
        return None
    raster, every = run.spiking.raster, _every(run)
    dots = [
        (step, neuron) for step, neuron in zip(raster.step, raster.neuron, strict=True) if neuron % every == 0
    ]
    steps, neurons = zip(*dots, strict=True) if dots else ((), ())
    across = chart.axis("time step", range=[0, run.spiking.timesteps + 1])
    drawn = chart.frame(420, xaxis=across, yaxis=chart.axis("neuron"))
    marker = {"size": 2.5, "color": palette.COLOURS[0]}
    shown = "neuron %{y} at step %{x}<extra></extra>"
    drawn.add_scattergl(x=steps, y=neurons, mode="markers", marker=marker, hovertemplate=shown)
    return drawn


def caption(run: Run) -> str:
    """How many spikes, and which are drawn."""
    assert run.spiking is not None
    spikes = f"{units.count(run.spiking.spikes)} spikes of {units.count(run.spiking.neurons)} neurons"
    every = _every(run)
    return f"{spikes}." if every == 1 else f"{spikes}; one neuron in {every} is drawn."


def table(run: Run) -> Grid:
    """The time steps with the most spikes."""
    assert run.spiking is not None
    spikes = run.spiking.steps.spikes
    busiest = sorted(range(len(spikes)), key=lambda step: (-spikes[step], step))[:TABLE_ROWS]
    rows = tuple(
        (number(str(step + 1), step + 1), number(units.count(spikes[step]), spikes[step])) for step in busiest
    )
    return Grid("Time steps with the most spikes", ("Time step", "Spikes"), rows)


def _every(run: Run) -> int:
    """One neuron in how many is drawn."""
    assert run.spiking is not None
    return max(1, -(-int(run.spiking.spikes) // MOST))
