"""Address x time: every stay of a tensor in the scratchpad as a rectangle."""

from __future__ import annotations

from collections.abc import Mapping

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.schedule.problem import Problem, Schedule, TensorKind
from hwsim.schedule.scheduled import peak_bytes
from hwsim.schedule.stays import Stay, stays

_HEIGHT = 460
_EVICTED = "leaves and comes back"
_COLOURS: Mapping[str, str] = {
    str(TensorKind.INPUT): palette.COLOURS[0],
    str(TensorKind.WEIGHT): palette.COLOURS[6],
    str(TensorKind.ACTIVATION): palette.COLOURS[2],
    str(TensorKind.OUTPUT): palette.COLOURS[3],
    _EVICTED: palette.COLOURS[1],
}


def address_map(problem: Problem, steps: Schedule) -> Figure:
    """Steps from left to right, addresses from the bottom up; the peak and the scratchpad's end as lines."""
    drawn = chart.frame(
        _HEIGHT,
        xaxis=chart.axis("step"),
        yaxis=chart.axis("address", "B"),
        barmode="overlay",
        showlegend=True,
    )
    found = stays(problem, steps)
    for name, colour in _COLOURS.items():
        mine = [stay for stay in found if _group(problem, stay) == name]
        if mine:
            _add(drawn, problem, steps, mine, name, colour)
    _line(drawn, len(steps), peak_bytes(problem, steps), "peak", "dot")
    _line(drawn, len(steps), problem.scratchpad_bytes, "scratchpad", "solid")
    return drawn


def _group(problem: Problem, stay: Stay) -> str:
    return str(problem.tensor[stay.tensor].kind) if stay.back is None else _EVICTED


def _add(drawn: Figure, problem: Problem, steps: Schedule, mine: list[Stay], name: str, colour: str) -> None:
    drawn.add_bar(
        name=name,
        base=[stay.address for stay in mine],
        y=[stay.bytes for stay in mine],
        x=[(stay.first + stay.last + 1) / 2 for stay in mine],
        width=[stay.last + 1 - stay.first for stay in mine],
        hovertext=[_says(problem, steps, stay) for stay in mine],
        hovertemplate="%{hovertext}<extra></extra>",
        marker={"color": palette.translucent(colour, 0.75), "line": {"width": 1, "color": colour}},
    )


def _line(drawn: Figure, steps: int, height: int, name: str, dash: str) -> None:
    drawn.add_scatter(
        x=[0, steps],
        y=[height, height],
        mode="lines",
        name=f"{name}: {units.capacity(height)}",
        line={"color": palette.NEUTRAL, "dash": dash, "width": 1.5},
        hoverinfo="name",
    )


def _says(problem: Problem, steps: Schedule, stay: Stay) -> str:
    kind = problem.tensor[stay.tensor].kind
    return chart.says(
        stay.tensor,
        f"{kind}, {units.capacity(stay.bytes)} at [{stay.address}, {stay.address + stay.bytes})",
        f"{'fetched for' if stay.fetched else 'made by'} {steps[stay.first].op}, step {stay.first}",
        _ending(problem, steps, stay),
    )


def _ending(problem: Problem, steps: Schedule, stay: Stay) -> str:
    """Why a stay ends: nobody needs the tensor, or what took its room."""
    if stay.back is None:
        return f"until its last use by {steps[stay.last].op}, step {stay.last}"
    if stay.back == stay.last + 1:
        return f"moves to another address for {steps[stay.back].op}, step {stay.back}"
    absent = range(stay.last + 1, stay.back)
    tight = max(absent, key=lambda step: problem.working_set_bytes(steps[step].op))
    needed = units.capacity(problem.working_set_bytes(steps[tight].op))
    return (
        f"leaves after step {stay.last}: {steps[tight].op} (step {tight}) takes {needed}; "
        f"back for {steps[stay.back].op}, step {stay.back}"
    )
