"""How long each tile of a mesh of neuromorphic cores works."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, units
from hwsim.report.document import Run
from hwsim.report.grid import Grid, number
from hwsim.report.spiking_document import Core

SECTION = "spikes"
ORDER = 30
TITLE = "Work on the mesh"
TABLE_ROWS = 16


def figure(run: Run) -> Figure | None:
    """A square a tile: the time of its busiest core, sending or receiving."""
    if run.spiking is None or not run.spiking.cores:
        return None
    cores = run.spiking.cores
    wide, high = (int(max(place)) + 1 for place in zip(*((core.x, core.y) for core in cores), strict=True))
    work: list[list[float | None]] = [[None] * wide for _ in range(high)]
    for core in cores:
        row, column = int(core.y), int(core.x)
        work[row][column] = max(work[row][column] or 0.0, _busy(core))
    drawn = chart.frame(120 + 34 * high, xaxis=chart.axis("x", dtick=1), yaxis=chart.axis("y", dtick=1))
    shown = "tile (%{x}, %{y}): %{z:.3s}s<extra></extra>"
    bar = {"title": "busy (s)", "thickness": 12}
    drawn.add_heatmap(z=work, colorscale="Blues", colorbar=bar, hovertemplate=shown, xgap=2, ygap=2)
    return drawn


def caption(run: Run) -> str:
    """How evenly the work is shared out."""
    assert run.spiking is not None
    work = [_busy(core) for core in run.spiking.cores]
    even = units.percent(sum(work) / len(work) / max(work)) if max(work) else "0 %"
    return f"{len(work)} cores have neurons; on average they work {even} of the time of the busiest."


def table(run: Run) -> Grid:
    """The busiest cores."""
    assert run.spiking is not None
    busiest = sorted(run.spiking.cores, key=lambda core: (-_busy(core), core.core))[:TABLE_ROWS]
    rows = tuple(
        (
            number(f"{core.core:.0f}", core.core),
            number(units.count(core.neurons), core.neurons),
            number(units.count(core.spikes), core.spikes),
            number(units.seconds(core.sending_s), core.sending_s),
            number(units.seconds(core.receiving_s), core.receiving_s),
        )
        for core in busiest
    )
    return Grid("The busiest cores", ("Core", "Neurons", "Spikes", "Sending", "Receiving"), rows)


def _busy(core: Core) -> float:
    return max(core.sending_s, core.receiving_s)
