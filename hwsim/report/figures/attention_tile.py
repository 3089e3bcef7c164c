"""Both arrays while one tile of scores passes: which Einsum is where when."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.attention_document import TileSpan
from hwsim.report.document import Run
from hwsim.report.grid import Grid, number

SECTION = "attention"
ORDER = 30
TITLE = "Both arrays during a tile of scores"


def figure(run: Run) -> Figure | None:
    """A row an array, a bar an Einsum, time in cycles from left to right."""
    attention = run.longest_attention
    if attention is None:
        return None
    spans = [span for span in attention.tile if span.cycles]
    rows = {name: row for row, name in enumerate(dict.fromkeys(span.component for span in spans))}
    across = chart.axis("cycles from the beginning of the tile")
    drawn = chart.stacked(list(rows), [], across)
    colours = palette.assign(span.einsum for span in spans)
    for span in spans:
        _add(drawn, span, rows[span.component], colours[span.einsum])
    drawn.update_layout(barmode="overlay", showlegend=False, height=96 + 56 * len(rows))
    return drawn


def caption(run: Run) -> str:
    """What a tile is here, and what is side by side."""
    attention = run.longest_attention
    if attention is None:
        return ""
    stages = len({span.stage for span in attention.tile})
    together = (
        "all side by side" if stages == 1 else f"{stages} stages one after another, in each both arrays"
    )
    return f"The steady state, the mean over all tiles; {together}; {attention.why}."


def table(run: Run) -> Grid:
    """Every Einsum: its array, stage, beginning and length."""
    attention = run.longest_attention
    spans = () if attention is None else attention.tile
    columns = ("Einsum", "On", "Stage", "From cycle", "Cycles")
    rows = tuple(
        (
            span.einsum,
            span.component,
            number(str(span.stage + 1), span.stage + 1),
            number(units.count(span.start), span.start),
            number(f"{span.cycles:.3g}", span.cycles),
        )
        for span in spans
    )
    return Grid("Einsums during a tile of scores", columns, rows)


def _add(drawn: Figure, span: TileSpan, row: int, colour: str) -> None:
    drawn.add_bar(
        name=chart.named(span.einsum),
        orientation="h",
        base=[span.start],
        x=[span.cycles],
        y=[row],
        hovertext=[chart.says(span.einsum, f"{span.cycles:.4g} cycles on {span.component}")],
        hovertemplate="%{hovertext}<extra></extra>",
        text=[chart.plain(span.einsum)],
        textposition="inside",
        insidetextanchor="middle",
        marker={"color": colour, "line": {"width": 0}},
    )
