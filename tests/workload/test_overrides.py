"""What a wrong name of a parameter is answered with."""

from __future__ import annotations

import pytest

from hwsim.spec.errors import InputError
from hwsim.workload.load import load_workload


@pytest.mark.parametrize(
    ("workload", "override", "hint"),
    [
        ("llama3_8b", "layers=2", "did you mean 'workload.config.layers'?"),
        ("llama3_8b", "head_dim=64", "did you mean 'workload.config.head_dim'?"),
        ("llama3_8b", "bach=2", "did you mean 'batch'?"),
        ("resnet50", "sequence=10", "known: batch"),
        ("alexnet", "phase=decode", "known: batch"),
        ("mamba_130m", "context=10", "known: batch, logits, phase, sequence"),
    ],
)
def test_the_right_name_is_offered(workload, override, hint):
    with pytest.raises(InputError) as caught:
        load_workload(workload, (override,))
    assert caught.value.hint == hint
