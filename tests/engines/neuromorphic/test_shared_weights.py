"""Synapses that share a stored weight take its memory once a core."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwsim.arch.load import load_arch
from hwsim.engines.neuromorphic.capacity import check_capacity, synapse_bytes
from hwsim.engines.neuromorphic.chip import chip_of
from hwsim.engines.neuromorphic.placement import placed
from hwsim.spec.errors import InputError
from hwsim.workload.load import load_workload

CONVOLUTION = """\
name: conv
nodes:
  in: {type: Input, shape: [4, 24, 24]}
  conv: {type: Conv2d, weight: WEIGHT, bias: 0, stride: 1, padding: same, dilation: 1, groups: 1}
  lif: {type: IF, r: 1, v_threshold: 1}
edges: [[in, conv], [conv, lif]]
parameters: {timesteps: 2, dt: 1 s}
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    file = tmp_path_factory.mktemp("conv") / "conv.yaml"
    weight = np.random.default_rng(0).integers(1, 9, (16, 4, 3, 3)).tolist()
    file.write_text(CONVOLUTION.replace("WEIGHT", str(weight)))
    return load_workload(str(file)).network


def test_memory_is_counted_word_by_word(network):
    chip = chip_of(load_arch("loihi"))
    cores = np.arange(network.neurons) // 1000
    by_hand = [
        1.125 * len({int(word) for word in network.word[cores[network.target] == core]}) for core in range(12)
    ]
    assert synapse_bytes(chip, network, cores)[:12].tolist() == by_hand
    assert sum(by_hand) < 1.125 * network.synapses / 20


def test_what_fits_only_by_sharing_is_placed(network):
    few = load_arch("loihi", ("tile.fanout=3", "core.synapse_memory=4 KiB"))
    chip = chip_of(few)
    check_capacity(chip, network, placed(chip, network))
    alone = replace(network, word=None)
    with pytest.raises(InputError, match="bytes of synapses"):
        placed(chip, alone)
