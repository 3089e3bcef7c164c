"""Random machines that are valid: a root DRAM, up to two on-chip memories, an array and a vector unit."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

from hwsim.arch.load import arch_of
from hwsim.arch.machine import Arch
from hwsim.spec.document import parse_document
from hwsim.workload.layers.work import FUNCTIONS

TECHNOLOGIES = ("cmos_65nm", "cmos_45nm", "cmos_28nm", "cmos_16nm", "cmos_7nm")
DEVICES = ("ddr3", "ddr4", "lpddr4", "lpddr5", "hbm2", "gddr6")
ACCUMULATORS = {"int8": "int32", "int16": "int32", "fp16": "fp32", "bf16": "fp32", "fp32": "fp32"}
DATAFLOWS = ("weight_stationary", "output_stationary", "input_stationary")
ROLES = ("input", "weight", "output")


@st.composite
def machine_trees(draw: st.DrawFn, largest_array: int = 32) -> dict[str, Any]:
    """A machine as nested dictionaries."""
    memories = draw(st.integers(0, 2))
    tree = {"array": draw(_arrays(largest_array))}
    beside = {"vector": draw(_vector_units())}
    for number in range(memories, 0, -1):
        shared = number == 1
        holds = ROLES if shared else draw(st.sampled_from((ROLES, ("output",), ("input", "weight"))))
        parts = {**tree, **beside} if shared else tree
        tree = {f"buffer_{number}": {**draw(_buffers()), "holds": list(holds), "components": parts}}
    parts = tree if memories else {**tree, **beside}
    return {
        "name": "random",
        "clock": f"{draw(st.integers(100, 2000))} MHz",
        "technology": draw(st.sampled_from(TECHNOLOGIES)),
        "components": {"dram": {**draw(_drams()), "components": parts}},
    }


def machine_texts(largest_array: int = 32) -> st.SearchStrategy[str]:
    """A machine as YAML."""
    return machine_trees(largest_array).map(lambda tree: yaml.safe_dump(tree, sort_keys=False))


def machines(largest_array: int = 32) -> st.SearchStrategy[Arch]:
    """A machine as loaded."""
    return machine_texts(largest_array).map(lambda text: arch_of(parse_document(text, "random.yaml")))


def _drams() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "class": st.just("dram"),
            "device": st.sampled_from(DEVICES),
            "bandwidth": st.integers(1, 800).map(lambda value: f"{value} GB/s"),
            "efficiency": st.sampled_from((0.5, 0.8, 1)),
            "width": st.sampled_from(("32 B", "64 B")),
        },
        optional={"capacity": st.sampled_from(("1 GiB", "8 GiB")), "channels": st.integers(1, 4)},
    )


def _buffers() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "class": st.just("sram"),
            "capacity": st.integers(3, 13).map(lambda power: f"{2**power} KiB"),
            "width": st.sampled_from(("8 B", "16 B", "64 B")),
        },
        optional={
            "bandwidth": st.integers(1, 512).map(lambda value: f"{value} B/cycle"),
            "double_buffered": st.booleans(),
        },
    )


@st.composite
def _arrays(draw: st.DrawFn, largest: int) -> dict[str, Any]:
    datatype = draw(st.sampled_from(sorted(ACCUMULATORS)))
    return {
        "class": "systolic_array",
        "fanout": draw(st.integers(1, 4)),
        "rows": draw(st.integers(1, largest)),
        "columns": draw(st.integers(1, largest)),
        "dataflow": draw(st.sampled_from(DATAFLOWS)),
        "datatype": datatype,
        "accumulator": ACCUMULATORS[datatype],
    }


@st.composite
def _vector_units(draw: st.DrawFn) -> dict[str, Any]:
    cycles = draw(st.lists(st.sampled_from((0.5, 1, 2, 6)), min_size=len(FUNCTIONS), max_size=len(FUNCTIONS)))
    return {
        "class": "vector_unit",
        "lanes": draw(st.integers(1, 64)),
        "datatype": draw(st.sampled_from(("fp16", "fp32", "bf16", "int32"))),
        "units": ["mac", "compare"],
        "cycles": dict(zip(FUNCTIONS, cycles, strict=True)),
    }
