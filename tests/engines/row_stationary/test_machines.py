"""Small row-stationary machines run whole workloads: nothing is faster or moves less than it can."""

from __future__ import annotations

import yaml
from engines.row_stationary.strategies import SIZES
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies.workloads import workloads

import hwsim
from hwsim.arch.load import arch_of
from hwsim.spec.document import parse_document
from hwsim.workload.layers.work import FUNCTIONS


@st.composite
def machines(draw):
    """An array and a vector unit under one buffer."""
    array = {"class": "row_stationary_array", "datatype": "int16", "accumulator": "int16"}
    array |= {"fanout": draw(st.integers(1, 3))} | {name: draw(size) for name, size in SIZES.items()}
    vector = {"class": "vector_unit", "lanes": 4, "datatype": "int16", "units": ["mac", "compare"]}
    vector["cycles"] = dict.fromkeys(FUNCTIONS, 1)
    buffer = {"class": "sram", "capacity": f"{2 ** draw(st.integers(4, 9))} KiB", "width": "8 B"}
    buffer["components"] = {"array": array, "vector": vector}
    dram = {
        "class": "dram",
        "device": "ddr3",
        "efficiency": 1,
        "width": "8 B",
        "components": {"buffer": buffer},
    }
    dram["bandwidth"] = f"{draw(st.integers(1, 20))} GB/s"
    machine = {"name": "small", "clock": "1 GHz", "technology": "cmos_65nm", "components": {"dram": dram}}
    return arch_of(parse_document(yaml.safe_dump(machine), "small.yaml"))


@settings(max_examples=20, deadline=None)
@given(machines(), workloads())
def test_no_figure_is_below_its_bound(machine, workload):
    least, found = (hwsim.simulate(machine, workload, fidelity=each) for each in ("bound", "analytical"))
    assert found.latency_s >= least.latency_s
    assert found.dram_bytes >= found.json["lower_bound"]["dram_bytes"] == least.dram_bytes
    for op in found.json["ops"]:
        assert op["cycles"] >= op["lower_bound_cycles"]
        assert op["cycles"] == op["compute_cycles"] + op["stall_cycles"]
    macs = [row for row in found.json["actions"] if row["action"] == "mac" and row["component"] == "array"]
    assert sum(row["count"] for row in macs) == workload_macs(found)


def workload_macs(result):
    return sum(op["macs"] for op in result.json["ops"] if op["component"] == "array")
