"""The cascade of fused attention as a graph: Einsums in their order, passes over the keys on the edges."""

from __future__ import annotations

from collections import Counter

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.attention_document import CascadeGraph, Edge, FusedAttention
from hwsim.report.document import Run
from hwsim.report.grid import Cell, Grid

SECTION = "attention"
ORDER = 10
TITLE = "The cascade, with passes on its edges"

Place = tuple[float, float]


def figure(run: Run) -> Figure | None:
    """A node an Einsum or input, coloured by the component that makes it, arrows to those that read it."""
    attention = run.longest_attention
    if attention is None:
        return None
    graph, places = attention.cascade, _places(attention.cascade)
    depth = 1 + max(y for _, y in places.values())
    drawn = chart.frame(int(120 + 62 * depth), xaxis=_hidden(), yaxis=_hidden() | {"autorange": "reversed"})
    for edge in graph.edges:
        if edge.from_ != edge.to:
            _arrow(drawn, edge, places)
    _add_passes(drawn, graph, places)
    colours = palette.components(run)
    for component in dict.fromkeys(node.component for node in graph.nodes):
        _add_nodes(drawn, graph, places, component, colours.get(component, palette.NEUTRAL))
    drawn.update_layout(showlegend=True)
    return drawn


def caption(run: Run) -> str:
    """What the numbers mean, and how many passes the whole makes."""
    attention = run.longest_attention
    if attention is None:
        return ""
    graph = attention.cascade
    passes = graph.passes.get(graph.rank, 0)
    return (
        f"{graph.name}, {passes:.0f}-pass over the keys {graph.rank}: an edge says how often the elements of "
        "its tensor are walked over, its making included; no number where it has no keys; pale edges carry "
        "state to the next tile. "
        f"{_where(run, attention)}"
    )


def table(run: Run) -> Grid:
    """Every Einsum: where it runs, what it reads, with the passes over each."""
    attention = run.longest_attention
    columns = ("Tensor", "Einsum", "On", "Reads (passes)")
    rows = () if attention is None else tuple(_rows(attention))
    return Grid("Einsums of the attention", columns, rows)


def _rows(attention: FusedAttention) -> list[tuple[Cell, ...]]:
    reads: dict[str, list[str]] = {}
    for edge in attention.cascade.edges:
        reads.setdefault(edge.to, []).append(f"{edge.from_} ({_passes(edge) or '–'})")
    return [
        (node.name, node.text, node.component, ", ".join(reads.get(node.name, [])) or None)
        for node in attention.cascade.nodes
    ]


def _where(run: Run, attention: FusedAttention) -> str:
    layers = units.count(len(attention.operators))
    kinds = f", one of {len(run.attention)} kinds of attention here" if len(run.attention) > 1 else ""
    return f"So in {layers} layers{kinds}."


def _passes(edge: Edge) -> str:
    return "" if edge.passes is None else f"{edge.passes:.0f}"


def _places(graph: CascadeGraph) -> dict[str, Place]:
    """A row below all it reads for each node; nodes of a row side by side."""
    row: dict[str, int] = {}
    for node in graph.nodes:
        above = [row[edge.from_] for edge in graph.edges if edge.to == node.name and edge.from_ in row]
        row[node.name] = 1 + max(above, default=-1)
    for node in graph.nodes:  # inputs next to their first reader
        below = [row[edge.to] for edge in graph.edges if edge.from_ == node.name and not edge.carried]
        if not any(edge.to == node.name for edge in graph.edges) and below:
            row[node.name] = max(0, min(below) - 1)
    width, seen = Counter(row.values()), Counter[int]()
    places: dict[str, Place] = {}
    for name, level in row.items():
        shift = (0.0, 0.3, -0.25)[level % 3]  # so that no edge of several rows hides behind those of a row
        places[name] = (seen[level] - (width[level] - 1) / 2 + shift, float(level))
        seen[level] += 1
    return places


def _hidden() -> dict[str, object]:
    return {"visible": False, "fixedrange": True}


def _arrow(drawn: Figure, edge: Edge, places: dict[str, Place]) -> None:
    (x0, y0), (x1, y1) = places[edge.from_], places[edge.to]
    drawn.add_annotation(
        x=x1, y=y1, ax=x0, ay=y0, xref="x", yref="y", axref="x", ayref="y", text="", showarrow=True,
        arrowhead=3, arrowsize=1, arrowwidth=1.2, arrowcolor=_colour(edge), standoff=15, startstandoff=15,
    )  # fmt: skip


def _colour(edge: Edge) -> str:
    """State of the tile before is paler."""
    return palette.translucent(palette.NEUTRAL, 0.45) if edge.carried else palette.NEUTRAL


def _add_passes(drawn: Figure, graph: CascadeGraph, places: dict[str, Place]) -> None:
    """The number of passes at the middle of each edge."""
    edges = [edge for edge in graph.edges if edge.passes is not None and not edge.carried]
    middle = [(places[edge.from_], places[edge.to]) for edge in edges]
    drawn.add_scatter(
        x=[0.55 * a[0] + 0.45 * b[0] for a, b in middle],
        y=[0.55 * a[1] + 0.45 * b[1] for a, b in middle],
        text=[_passes(edge) for edge in edges],
        mode="text",
        textfont={"size": 12},
        hovertext=[_says(edge) for edge in edges],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _says(edge: Edge) -> str:
    return chart.says(f"{edge.from_} → {edge.to}", f"{edge.from_} is walked over {_passes(edge)} times")


def _add_nodes(
    drawn: Figure, graph: CascadeGraph, places: dict[str, Place], component: str, colour: str
) -> None:
    mine = [node for node in graph.nodes if node.component == component]
    drawn.add_scatter(
        name=chart.named(component),
        x=[places[node.name][0] for node in mine],
        y=[places[node.name][1] for node in mine],
        text=[f" {chart.plain(node.name)}" for node in mine],
        mode="markers+text",
        textposition="middle right",
        marker={"size": 15, "color": colour, "line": {"width": 0}},
        hovertext=[chart.says(node.name, node.text, f"on {component}") for node in mine],
        hovertemplate="%{hovertext}<extra></extra>",
    )
