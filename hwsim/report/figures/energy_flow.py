"""Energy from kinds of operators through components to tensors."""

from __future__ import annotations

from collections.abc import Iterable

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Run
from hwsim.report.figures import energy
from hwsim.report.grid import Grid, number

SECTION = "energy"
ORDER = 20
TITLE = "Energy flow"
LEAST_SHARE = 0.01
IDLE = "leakage over time"

Node = tuple[int, str]
Flow = dict[tuple[Node, Node], float]


def figure(run: Run) -> Figure | None:
    """A Sankey diagram: kind of operator, component, tensor."""
    flow = _flow(run)
    if not flow:
        return None
    nodes = sorted({end for link in flow for end in link})
    colours = palette.components(run)
    drawn = chart.frame(max(360, 30 * len(nodes)))
    drawn.add_sankey(node=_nodes(nodes, flow, colours), link=_links(nodes, flow, colours), arrangement="snap")
    drawn.update_layout(margin={"t": 40, "b": 16})
    return drawn


def caption(run: Run) -> str:
    """How to read it."""
    kinds = len({op.kind for op in run.ops})
    return f"From {kinds} kinds of operators (left) through components to tensors (right)."


def table(run: Run) -> Grid:
    """Every flow, largest first."""
    ranked = sorted(_flow(run).items(), key=lambda item: (-item[1], item[0]))
    rows = tuple(
        (left[1], right[1], number(units.joules(joules), joules)) for (left, right), joules in ranked
    )
    return Grid("Energy flow", ("From", "To", "Energy"), rows)


def _flow(run: Run) -> Flow:
    flow: Flow = {}
    shown = _main_kinds(run)
    for op in run.ops:
        kind = op.kind if op.kind in shown else "other kinds"
        for action in op.actions:
            _add(flow, (0, kind), (1, action.component), action.energy_j)
    for component, parts in energy.split_by_tensor(run).items():
        for tensor, joules in parts.items():
            _add(flow, (1, component), (2, tensor), joules)
        _add(flow, (0, IDLE), (1, component), parts.get(energy.LEAKAGE, 0.0))
    return flow


def _add(flow: Flow, left: Node, right: Node, joules: float) -> None:
    if joules:
        flow[left, right] = flow.get((left, right), 0.0) + joules


def _main_kinds(run: Run) -> set[str]:
    """The kinds of operators that use at least a hundredth of the energy."""
    sums: dict[str, float] = {}
    for op in run.ops:
        sums[op.kind] = sums.get(op.kind, 0.0) + op.energy_j
    return {kind for kind, joules in sums.items() if joules >= LEAST_SHARE * run.energy_j}


def _nodes(nodes: list[Node], flow: Flow, colours: dict[str, str]) -> dict[str, object]:
    names = [
        f"{chart.shortened(name, 22)} {units.joules(_through(node, flow))}"
        for node in nodes
        for name in node[1:]
    ]
    return {
        "label": [chart.plain(name) for name in names],
        "color": [colours[name] if column == 1 else palette.NEUTRAL for column, name in nodes],
        "line": {"width": 0},
        "pad": 20,
        "thickness": 14,
        "customdata": [chart.plain(name) for _, name in nodes],
        "hovertemplate": "%{customdata}: %{value:.3s}J<extra></extra>",
    }


def _through(node: Node, flow: Flow) -> float:
    """Joules through a node: what comes in or, for the first column, what goes out."""
    side = 0 if node[0] == 0 else 1
    return sum(joules for link, joules in flow.items() if link[side] == node)


def _links(nodes: list[Node], flow: Flow, colours: dict[str, str]) -> dict[str, object]:
    place = {node: index for index, node in enumerate(nodes)}
    links = sorted(flow)
    return {
        "source": [place[left] for left, _ in links],
        "target": [place[right] for _, right in links],
        "value": [flow[link] for link in links],
        "color": [palette.translucent(colours[_component(link)], 0.32) for link in links],
        "customdata": [_says(link, flow[link]) for link in links],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _component(link: Iterable[Node]) -> str:
    return next(name for column, name in link if column == 1)


def _says(link: tuple[Node, Node], joules: float) -> str:
    left, right = link
    return chart.says(f"{left[1]} → {right[1]}", units.joules(joules))
