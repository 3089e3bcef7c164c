"""What a technology does not know is refused where the machine asks for it."""

from __future__ import annotations

import pytest

from hwsim.pipeline import simulate
from hwsim.spec.errors import InputError
from hwsim.spec.library import find


@pytest.mark.parametrize(("key", "value"), [("dram.device", "ddr9"), ("array.datatype", "fp64")])
def test_what_has_no_price_is_refused_at_the_value(key, value):
    with pytest.raises(InputError) as caught:
        simulate("edge_npu", "alexnet", overrides=(f"{key}={value}",))
    position = caught.value.position
    assert position is not None
    assert (position.file, position.column) == ("command line", len(f"--set {key}=") + 1)
    assert value in caught.value.message


def test_the_place_is_in_the_file(tmp_path):
    text = find("arch", "edge_npu").read_text()
    path = tmp_path / "m.yaml"
    path.write_text(text.replace("value: lpddr4", "value: lpddr44", 1))
    with pytest.raises(InputError) as caught:
        simulate(str(path), "alexnet")
    assert caught.value.position is not None
    assert caught.value.position.file == str(path)
    assert "value: lpddr44" in str(caught.value.position.text)
    assert "no DRAM device" in caught.value.message
