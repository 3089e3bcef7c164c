"""Room for tiles, and cuts of convolutions that are not between rows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.arch.load import load_arch
from hwsim.arch.memory import ROLES
from hwsim.engines.systolic.engine import SystolicEngine
from hwsim.mapping.cut import input_elements, whole_rows
from hwsim.mapping.nest import tile_elements
from hwsim.mapping.room import Room, Share, stationary_role, used_bits
from hwsim.workload.contraction import Matmul, Window

PRODUCT = Matmul(1, 100, 90, 80)


@pytest.fixture(scope="module", params=["weight_stationary", "output_stationary", "input_stationary"])
def engine(request):
    arch = load_arch("edge_npu", (f"array.dataflow={request.param}",))
    component = arch.find("array")
    return SystolicEngine(component, component.attributes)


def _room(bits, edge=ROLES):
    return Room("m", bits, 1, tuple(Share(role, 8, 8) for role in ROLES), edge)


def test_tiles_that_fit_take_all_their_elements(engine):
    tile = (1, 40, 30, 20)
    everything = 8 * sum(tile_elements(PRODUCT, role, *tile) for role in ROLES)
    assert used_bits(_room(everything), PRODUCT, engine, tile) == everything


def test_the_stationary_tile_of_one_fold_passes_by_line_where_it_is_too_large(engine):
    role = stationary_role(engine)
    sizes = {axis: engine.granule(axis) for axis in ("M", "N", "K")}
    fold = (1, sizes["M"], sizes["N"], sizes["K"])
    room = Room("m", 8 * 100, 1, (Share(role, 8, 8),), (role,))
    assert used_bits(room, PRODUCT, engine, fold) == 8 * 32
    assert used_bits(Room("m", 8 * 100, 1, (Share(role, 8, 8),)), PRODUCT, engine, fold) == 8 * 32 * 32
    two_folds = tuple(2 * size if size > 1 else size for size in fold)
    assert used_bits(room, PRODUCT, engine, two_folds) > room.bits


def test_arrays_of_tiles_give_what_single_tiles_give(engine):
    room = _room(8 * 2000)
    sizes = np.array(list(itertools.product((1, 32, 64), (1, 32, 40), (1, 32, 80))))
    together = used_bits(room, PRODUCT, engine, (1, *sizes.T))
    alone = [used_bits(room, PRODUCT, engine, (1, *map(int, row))) for row in sizes]
    assert together.tolist() == alone


@st.composite
def convolutions(draw):
    """A convolution of one channel over a few small images, without padding."""
    windows = []
    for _ in range(2):
        out, taps, stride = draw(st.integers(1, 6)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
        windows.append(Window(out, taps, stride, 1, (out - 1) * stride + taps))
    images = draw(st.integers(1, 3))
    pixels = images * windows[0].out * windows[1].out
    return Matmul(1, pixels, 1, windows[0].taps * windows[1].taps, images, tuple(windows))


def _touched(problem, first, count):
    """Input places that ``count`` output pixels from ``first`` on touch, one by one."""
    rows, columns = problem.windows
    places = set()
    for pixel in range(first, first + count):
        image, rest = divmod(pixel, rows.out * columns.out)
        y, x = divmod(rest, columns.out)
        for a, b in itertools.product(range(rows.taps), range(columns.taps)):
            places.add((image, y * rows.stride + a, x * columns.stride + b))
    return len(places)


@settings(max_examples=150, deadline=None)
@given(convolutions(), st.data())
def test_a_tile_never_takes_less_than_it_touches(problem, data):
    size = data.draw(st.integers(1, problem.M))
    taken = input_elements(problem, size, problem.K)
    touched = [_touched(problem, first, min(size, problem.M - first)) for first in range(0, problem.M, size)]
    assert taken >= max(touched)
    assert taken <= max(_touched(problem, 0, problem.M), size * problem.taps)
    if whole_rows(problem, size):
        assert taken == touched[0]
