"""Random small products, convolutions and loop nests over them."""

from __future__ import annotations

from hypothesis import strategies as st

from hwsim.mapping.cut import row_granule, tile_problem
from hwsim.mapping.nest import ORDERS, Level
from hwsim.workload.contraction import Matmul, Window

products = st.builds(
    Matmul, batch=st.integers(1, 3), M=st.integers(1, 9), N=st.integers(1, 9), K=st.integers(1, 9)
)


@st.composite
def windows(draw):
    out, taps = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    stride, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return Window(out, taps, stride, dilation, (out - 1) * stride + (taps - 1) * dilation + 1)


@st.composite
def convolutions(draw):
    """One or two sliding axes, no padding."""
    sliding = tuple(draw(st.lists(windows(), min_size=1, max_size=2)))
    images, channels = draw(st.integers(1, 2)), draw(st.integers(1, 4))
    pixels, taps = images, 1
    for window in sliding:
        pixels, taps = pixels * window.out, taps * window.taps
    return Matmul(draw(st.integers(1, 2)), pixels, draw(st.integers(1, 5)), taps * channels, images, sliding)


@st.composite
def nests(draw, problems, depth=1, aligned=True):
    """A problem and ``depth`` levels of tiles; ``aligned`` ones cut between rows and channels."""
    problem = draw(problems)
    levels, outer = [], problem
    for _ in range(depth):
        m = draw(st.sampled_from(_rows(outer))) if problem.windows else draw(st.integers(1, outer.M))
        k = draw(st.integers(1, outer.K))
        if problem.windows and aligned:
            k = min(outer.K, problem.taps * draw(st.integers(1, max(1, outer.K // problem.taps))))
        tile = (draw(st.integers(1, outer.batch)), m, draw(st.integers(1, outer.N)), k)
        levels.append(Level(draw(st.sampled_from(ORDERS)), *tile))
        outer = tile_problem(outer, tile)
    return problem, tuple(levels)


def _rows(problem):
    """Cuts of M at whole rows of one image, or at whole images."""
    if not problem.windows:
        return range(1, problem.M + 1)
    row, rows = row_granule(problem), problem.windows[0].out
    parts = [part for part in range(1, rows + 1) if problem.images == 1 or rows % part == 0]
    return sorted(
        {part * row for part in parts} | {many * rows * row for many in range(1, problem.images + 1)}
    )
