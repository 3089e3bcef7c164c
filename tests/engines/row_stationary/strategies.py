"""Small row-stationary machines and the products that run on them."""

from __future__ import annotations

import yaml
from hypothesis import strategies as st

from hwsim.arch.load import arch_of
from hwsim.spec.document import parse_document
from hwsim.workload.contraction import Matmul, Window

SIZES = {
    "rows": st.integers(1, 6),
    "columns": st.integers(1, 6),
    "ifmap_pad": st.integers(1, 8),
    "filter_pad": st.integers(1, 30),
    "psum_pad": st.integers(1, 6),
    "ifmap_port": st.integers(1, 4),
    "filter_port": st.integers(1, 4),
    "psum_port": st.integers(1, 4),
}
WIDE = {
    "ifmap_port": st.just(50_000),
    "psum_port": st.just(50_000),
    "ifmap_pad": st.integers(3, 8),
    "filter_pad": st.integers(3, 30),
}


@st.composite
def engines(draw, **fixed):
    """The engine of a small array."""
    sizes = {name: draw(fixed.get(name, strategy)) for name, strategy in SIZES.items()}
    instances = draw(fixed.get("instances", st.integers(1, 6)))
    array = {
        "class": "row_stationary_array",
        "datatype": "int16",
        "accumulator": "int16",
        "fanout": instances,
    }
    dram = {"class": "dram", "device": "ddr3", "efficiency": 1, "width": "8 B"}
    tree = {"dram": {**dram, "components": {"array": {**array, **sizes}}}}
    machine = {"name": "small", "clock": "1 GHz", "technology": "cmos_65nm", "components": tree}
    component = arch_of(parse_document(yaml.safe_dump(machine), "small.yaml")).find("array")
    return component.attributes.engine(component)


@st.composite
def windows(draw):
    """One sliding axis, padded so that nothing is cut off."""
    out, taps = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    stride, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    return Window(out, taps, stride, dilation, (out - 1) * stride + (taps - 1) * dilation + 1)


@st.composite
def products(draw):
    """A plain product or a convolution over one, two or three axes."""
    axes = draw(st.lists(windows(), max_size=3))
    images, channels = draw(st.integers(1, 5)), draw(st.integers(1, 9))
    pixels = taps = 1
    for window in axes:
        pixels, taps = pixels * window.out, taps * window.taps
    batch, filters = draw(st.integers(1, 3)), draw(st.integers(1, 12))
    return Matmul(batch, images * pixels, filters, channels * taps, images, tuple(axes))


@st.composite
def tiles_of(draw, problem):
    """A (batch, M, N, K) tile, not always of whole rows or channels."""
    whole = (problem.batch, problem.M, problem.N, problem.K)
    return tuple(draw(st.integers(1, size)) for size in whole)
