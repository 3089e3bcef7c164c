"""A workload larger than the outermost memory is told so, not refused and not silent."""

import pytest

import hwsim


@pytest.mark.parametrize(("capacity", "notes"), [("8 GiB", 0), ("16 MiB", 1)])
def test_note_where_it_does_not_fit(capacity, notes):
    result = hwsim.simulate("edge_npu", "resnet50", overrides=(f"dram.capacity={capacity}",))
    told = [note for note in result.json["notes"] if "does not fit" in note]
    assert len(told) == notes
    assert all("24.6 MiB" in note or "MB" in note for note in told)
