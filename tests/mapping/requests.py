"""Requests to plan one contraction on small machines."""

from __future__ import annotations

import itertools

import yaml
from hypothesis import strategies as st

from hwsim.arch.load import arch_of
from hwsim.arch.memory import ROLES
from hwsim.mapping.request import MatrixRequest
from hwsim.mapping.sites import sites_of
from hwsim.mapping.situation import capacities
from hwsim.mapping.steps import root_rate
from hwsim.spec.document import parse_document
from hwsim.workload.tensor import DATATYPE_BITS

DATAFLOWS = ("weight_stationary", "output_stationary", "input_stationary")
HELD = [list(held) for many in (1, 2, 3) for held in itertools.combinations(ROLES, many)]


SMALL = st.sampled_from(("64 B", "200 B", "1 KiB", "16 KiB"))


@st.composite
def array_machines(draw, most_memories=2, sizes=SMALL):
    """A DRAM, memories each of which holds some roles, and an array of a few processing elements."""
    tree = {
        "array": {
            "class": "systolic_array",
            "rows": draw(st.integers(1, 4)),
            "columns": draw(st.integers(1, 4)),
            "fanout": draw(st.sampled_from((1, 1, 2, 3))),
            "dataflow": draw(st.sampled_from(DATAFLOWS)),
            "datatype": "int8",
            "accumulator": "int32",
        }
    }
    for number in range(draw(st.integers(0, most_memories)), 0, -1):
        memory = {
            "class": "sram",
            "capacity": draw(sizes),
            "width": "8 B",
            "holds": draw(st.sampled_from(HELD)),
            "double_buffered": draw(st.booleans()),
        }
        if draw(st.booleans()):
            memory["bandwidth"] = f"{draw(st.integers(1, 16))} B/cycle"
        tree = {f"memory_{number}": {**memory, "components": tree}}
    dram = {"class": "dram", "device": "ddr4", "efficiency": 1, "width": "64 B", "components": tree}
    if draw(st.booleans()):
        dram["bandwidth"] = f"{draw(st.integers(1, 8))} GB/s"
    machine = {"name": "m", "clock": "1 GHz", "technology": "cmos_16nm", "components": {"dram": dram}}
    return arch_of(parse_document(yaml.safe_dump(machine, sort_keys=False), "m.yaml"))


def request_on(arch, problem, resident=frozenset(), rider_bits=0):
    """The request for ``problem`` with every memory free and operands in the array's datatype."""
    sites = sites_of(arch)
    engine = sites.matrix[0]
    return MatrixRequest(
        problem=problem,
        engine=engine,
        paths={role: sites.path(engine, role) for role in ROLES},
        bits=dict.fromkeys(ROLES, DATATYPE_BITS[engine.datatype]),
        resident=resident,
        free=capacities(arch),
        rider_bits=rider_bits,
        root_rate=root_rate(arch.root, engine.component.clock),
    )
