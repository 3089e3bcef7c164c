"""A machine with two vector units of four lanes."""

from __future__ import annotations

import pytest

from hwsim.arch.load import arch_of
from hwsim.spec.document import parse_document


@pytest.fixture(scope="module")
def two_units():
    return arch_of(
        parse_document(
            """\
name: x
clock: 1 GHz
technology: cmos_45nm
components:
  dram:
    class: dram
    device: ddr3
    efficiency: 1
    width: 8 B
    components:
      vector:
        class: vector_unit
        fanout: 2
        lanes: 4
        datatype: fp32
        units: [mac]
        cycles: {add: 1, exp: 6}
""",
            "x.yaml",
        )
    )
