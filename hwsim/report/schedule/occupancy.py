"""How full the scratchpad is, step by step, and how broken up its free room."""

from __future__ import annotations

from dataclasses import dataclass

from plotly.graph_objects import Figure

from hwsim.report import chart, palette
from hwsim.schedule.problem import Problem, Schedule, Step

_HEIGHT = 260


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of one step: taken, and free, of which ``largest`` in one piece."""

    taken: int
    free: int
    largest: int

    @property
    def fragmentation(self) -> float:
        """The share of the free bytes outside the largest piece."""
        return 1 - self.largest / self.free if self.free else 0.0


def rooms(problem: Problem, steps: Schedule) -> list[Room]:
    """The room of every step."""
    return [_room(problem, step) for step in steps]


def occupancy(problem: Problem, named: dict[str, Schedule]) -> Figure:
    """Bytes taken in every step, one line a schedule."""
    drawn = chart.frame(_HEIGHT, xaxis=chart.axis("step"), yaxis=chart.axis("resident", "B"), showlegend=True)
    for (name, steps), colour in zip(named.items(), palette.COLOURS, strict=False):
        drawn.add_scatter(
            x=list(range(len(steps))),
            y=[room.taken for room in rooms(problem, steps)],
            mode="lines",
            line={"shape": "hv", "color": colour},
            name=name,
            hovertext=[step.op for step in steps],
            hovertemplate="%{hovertext}: %{y:.4~s}B<extra></extra>",
        )
    return drawn


def _room(problem: Problem, step: Step) -> Room:
    taken = largest = end = 0
    ranges = {(start, start + problem.occupied_bytes(name)) for name, start in step.placements.items()}
    for start, stop in sorted(ranges):
        largest = max(largest, start - end)
        taken += stop - start
        end = stop
    largest = max(largest, problem.scratchpad_bytes - end)
    return Room(taken, problem.scratchpad_bytes - taken, largest)
