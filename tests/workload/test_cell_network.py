from __future__ import annotations

import pytest

from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError
from hwsim.workload.load import load_workload, workload_of

# Parameters in millions, multiply-accumulates in billions: NASNet (arXiv:1707.07012) tables 2 and 3, PNASNet
# (arXiv:1712.00559) table 5, GPipe (arXiv:1811.06965) table 1, DARTS (arXiv:1806.09055) table 1.
PUBLISHED = {
    "nasnet_a_large": (88.9, 23.8),
    "nasnet_a_mobile": (5.3, 0.564),
    "pnasnet_5_large": (86.1, 25.0),
    "amoebanet_d": (82.0, None),
    "darts": (3.3, None),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_sizes_are_those_published(name: str) -> None:
    workload = load_workload(name)
    parameters, macs = PUBLISHED[name]
    assert workload.parameter_count / 1e6 == pytest.approx(parameters, rel=0.02)
    if macs:
        assert workload.macs / 1e9 == pytest.approx(macs, rel=0.01)


def test_a_block_reads_only_states_that_exist() -> None:
    text = """
name: broken
family: cell_network
config:
  image: 8
  classes: 2
  stem_filters: 4
  stem_stride: 1
  normal: {blocks: [{left: [identity, 0], right: [conv_1x1, 2]}], joined: [2]}
  stages: [{filters: 4, normals: 1}]
"""
    with pytest.raises(InputError, match="reads state 2"):
        workload_of(parse_document(text, "broken.yaml"))


def test_every_cell_of_a_stage_has_the_same_operators() -> None:
    workload = load_workload("nasnet_a_mobile")
    kinds = [
        sorted(op.kind for op in workload.operators if op.name.startswith(f"cell{number}."))
        for number in (4, 5)
    ]
    assert kinds[0] == kinds[1]
