"""An attention to be fused: its operators, where it runs, and the choice."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.mapping.attention_site import AttentionSite
from hwsim.mapping.fused.actions import Count, summed
from hwsim.mapping.fused.choice import FusedAttention
from hwsim.mapping.fused.groups import AttentionGroup
from hwsim.mapping.fused.variants import SCORES
from hwsim.mapping.fused.work import AttentionWork, attention_work
from hwsim.workload.operator import Operator


@dataclass(frozen=True, slots=True)
class FusedGroup:
    """An attention to be fused, where, and how."""

    group: AttentionGroup
    site: AttentionSite
    choice: FusedAttention

    @property
    def work(self) -> AttentionWork:
        """What the choice costs."""
        return attention_work(self.site.machine, self.choice, self.group.shape)

    def counts(self, operator: str) -> tuple[Count, ...]:
        """The actions inside both arrays for one of the operators, all attentions together."""
        work = self.work
        own = (each for each in work.actions if operator_of(self.group, work, each.name).name == operator)
        return summed(
            Count(one.component, one.action, one.count * work.instances)
            for each in own
            for one in each.inside
        )


def operator_of(group: AttentionGroup, work: AttentionWork, einsum: str) -> Operator:
    """The operator that an Einsum of the cascade belongs to."""
    if einsum in SCORES:
        return group.scores
    return group.values if "F" in work.cascade.tensor_ranks[einsum] else group.softmax
