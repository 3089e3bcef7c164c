"""Layers repeat: a step planned for one group is, renamed, what every group like it would get for itself."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from strategies.machines import machines
from strategies.workloads import workloads

import hwsim
from hwsim.mapping.alike import Likeness, Likenesses
from hwsim.mapping.attention import fusing
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.planner import Planned, make_plan
from hwsim.mapping.sites import sites_of
from hwsim.spec.errors import InputError


@dataclass(frozen=True, slots=True)
class _Loners(Likenesses):
    """No group is like another."""

    def of(self, group):
        found = Likenesses.of(self, group)
        return Likeness(hash(found.operators), found.operators, found.tensors)


def check_plans(arch, network, how="fused"):
    sites, choices = sites_of(arch), MappingChoices(name="auto")
    network = network.with_datatype(sites.datatype)
    shared = Planned.nothing(sites, network)
    alone = Planned(_Loners(network.tensors), shared.homebound)
    fused = fusing(sites, network, lambda _: how)
    plans = [make_plan(arch, network, choices, fused, planned) for planned in (shared, alone)]
    assert plans[0] == plans[1]
    return shared, alone


@pytest.mark.parametrize("how", ["fused", "unfused"])
@pytest.mark.parametrize("name", ["bert_base", "gpt2", "mixtral_8x7b", "resnet50"])
def test_networks_of_layers_are_planned_as_if_no_layer_were_like_another(name, how):
    shared, alone = check_plans(hwsim.load_arch("edge_npu"), hwsim.load_workload(name), how)
    assert len(alone.first) == len(alone.steps) == len(shared.steps)
    assert len(shared.first) < len(alone.first)


@settings(max_examples=60, deadline=None)
@given(machines(), workloads())
def test_random_workloads_are_planned_as_if_no_operator_were_like_another(arch, network):
    try:
        check_plans(arch, network)
    except InputError:
        return
