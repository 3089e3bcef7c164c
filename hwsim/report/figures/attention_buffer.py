"""What attention needs of the buffer at each length of the sequence so that no score leaves the chip."""

from __future__ import annotations

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.attention_document import BufferNeed
from hwsim.report.document import Run
from hwsim.report.grid import Cell, Grid, number

SECTION = "attention"
ORDER = 40
TITLE = "Need for buffer against the length of the sequence"
WAYS = {"unfused": "all scores of a head", "flat": "FLAT, a row of tiles of scores"}
ONE_PASS = "1-pass cascade, a column of tiles"


def figure(run: Run) -> Figure | None:
    """A line a way, both axes logarithmic, and the buffer there is."""
    attention = run.longest_attention
    if attention is None:
        return None
    need = attention.buffer
    drawn = chart.frame(
        360,
        xaxis=chart.axis("tokens", type="log", rangemode="normal", tickvals=list(need.lengths)[::2],
                         ticktext=[units.count(each) for each in list(need.lengths)[::2]]),
        yaxis=chart.axis("bytes of buffer", "B", type="log", rangemode="normal"),
        showlegend=True,
    )  # fmt: skip
    for (way, sizes), colour in zip(need.needed_bytes.items(), palette.COLOURS, strict=False):
        drawn.add_scatter(
            name=_named(way),
            x=list(need.lengths),
            y=list(sizes),
            mode="lines+markers",
            line={"color": colour, "width": 2},
            hovertext=[_says(way, *pair) for pair in zip(need.lengths, sizes, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    drawn.add_scatter(
        name=chart.named(f"{need.name}: {units.capacity(need.capacity_bytes)}"),
        x=[need.lengths[0], need.lengths[-1]],
        y=[need.capacity_bytes] * 2,
        mode="lines",
        line={"width": 2, "dash": "dot", "color": palette.NEUTRAL},
        hoverinfo="skip",
    )
    return drawn


def caption(run: Run) -> str:
    """Which way does not grow, and what this run takes."""
    attention = run.longest_attention
    if attention is None:
        return ""
    need = attention.buffer
    constant = [_named(way) for way, sizes in need.needed_bytes.items() if len(set(sizes)) == 1]
    taken = f"This run takes {units.capacity(need.taken_bytes)} of {need.name}."
    return f"Independent of the length: {', '.join(constant) or 'none'}. {taken}"


def table(run: Run) -> Grid:
    """The bytes at each length."""
    attention = run.longest_attention
    if attention is None:
        return Grid("Need for buffer", ("Tokens",), ())
    need = attention.buffer
    columns = ("Tokens", *(_named(way) for way in need.needed_bytes))
    rows = tuple(_row(need, place) for place in range(len(need.lengths)))
    return Grid("Bytes of buffer so that no score leaves the chip", columns, rows)


def _row(need: BufferNeed, place: int) -> tuple[Cell, ...]:
    sizes = [each[place] for each in need.needed_bytes.values()]
    return (str(need.lengths[place]), *(number(units.capacity(size), size) for size in sizes))


def _named(way: str) -> str:
    return WAYS.get(way, ONE_PASS)


def _says(way: str, length: int, size: float) -> str:
    return chart.says(_named(way), f"{units.capacity(size)} at {length} tokens")
