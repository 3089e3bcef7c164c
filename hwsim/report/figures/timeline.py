"""When each component ran what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from plotly.graph_objects import Figure

from hwsim.report import chart, palette, units
from hwsim.report.document import Operator, Run
from hwsim.report.grid import Cell, Grid, number

SECTION = "time"
ORDER = 30
TITLE = "Timeline"
RESOLUTION = 600


@dataclass(frozen=True, slots=True)
class Span:
    """Operators drawn as one: on one component, bound by one thing, next to each other."""

    component: str
    bound_by: str
    start_s: float
    end_s: float
    names: tuple[str, ...]

    def swallows(self, other: Span, least: float) -> bool:
        """Whether ``other`` follows so closely and one of the two is so short that they look like one."""
        alike = (self.component, self.bound_by) == (other.component, other.bound_by)
        short = min(self.end_s - self.start_s, other.end_s - other.start_s) < least
        return alike and short and other.start_s - self.end_s < least

    def with_next(self, other: Span) -> Span:
        """The two as one."""
        end = max(self.end_s, other.end_s)
        return Span(self.component, self.bound_by, self.start_s, end, (*self.names, *other.names))


def figure(run: Run) -> Figure | None:
    """One row a component, time from left to right, coloured by what bounds the operator."""
    spans = _spans(run)
    if not spans:
        return None
    rows = {name: row for row, name in enumerate(_components(run))}
    drawn = chart.stacked(list(rows), [], chart.axis("time", "s"))
    for bound, colour in palette.bounds(run).items():
        mine = [span for span in spans if span.bound_by == bound]
        if mine:
            _add(drawn, bound, colour, mine, rows)
    drawn.update_layout(barmode="overlay", showlegend=True, height=130 + 44 * len(rows))
    return drawn


def caption(run: Run) -> str:
    """How many operators ran on how many components."""
    joined = len(run.ops) - len({span.names[0] for span in _spans(run)})
    where = f"{units.count(len(run.ops))} operators on {', '.join(_components(run)) or 'no component'}"
    if not joined:
        return f"{where}, in order of execution."
    return f"{where}, in order of execution; {units.count(joined)} too short to see join their neighbours."


def table(run: Run) -> Grid:
    """For each component, how many operators ran there, and when."""
    columns = ("Component", "Operators", "First start", "Last end", "Time in operators")
    rows = tuple(_row(name, [op for op in run.ops if op.component == name]) for name in _components(run))
    return Grid("Operators by component", columns, rows)


def _row(name: str, ops: list[Operator]) -> tuple[Cell, ...]:
    start, end = min(op.start_s for op in ops), max(op.end_s for op in ops)
    inside = sum(op.latency_s for op in ops)
    figures = [number(units.seconds(one), one) for one in (start, end, inside)]
    return (name, number(units.count(len(ops)), len(ops)), *figures)


def _components(run: Run) -> list[str]:
    return list(dict.fromkeys(op.component for op in run.ops))


def _spans(run: Run) -> list[Span]:
    """The operators as spans, those too short to be seen joined with their neighbours."""
    least = max((op.end_s for op in run.ops), default=0.0) / RESOLUTION
    return list(_joined(sorted(_each(run), key=lambda span: (span.component, span.start_s)), least))


def _each(run: Run) -> Iterator[Span]:
    """Every operator that has a time, and the other array of a fused attention."""
    computing = {op.component for op in run.ops}
    for op in run.ops:
        if op.latency_s:
            parts = {op.component, *run.sharing.get(op.name, ())} & computing
            yield from (Span(part, op.bound_by, op.start_s, op.end_s, (op.name,)) for part in sorted(parts))


def _joined(spans: Iterable[Span], least: float) -> Iterator[Span]:
    last: Span | None = None
    for span in spans:
        if last is not None and last.swallows(span, least):
            last = last.with_next(span)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _add(drawn: Figure, bound: str, colour: str, spans: list[Span], rows: dict[str, int]) -> None:
    drawn.add_bar(
        name=chart.named(bound),
        orientation="h",
        base=[span.start_s for span in spans],
        x=[span.end_s - span.start_s for span in spans],
        y=[rows[span.component] for span in spans],
        hovertext=[_says(span) for span in spans],
        hovertemplate="%{hovertext}<extra></extra>",
        marker={"color": colour, "line": {"width": 0}},
    )


def _says(span: Span) -> str:
    many = f"{len(span.names)} operators from {span.names[0]} to {span.names[-1]}"
    title = span.names[0] if len(span.names) == 1 else many
    duration = units.seconds(span.end_s - span.start_s)
    return chart.says(title, f"{duration} from {units.seconds(span.start_s)}", f"bound by {span.bound_by}")
