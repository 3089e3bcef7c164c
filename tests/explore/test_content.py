"""Keys of points: the same design has the same key, another has another."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.arch.load import apply_overrides
from hwsim.explore.content import Contents, document_of, leaves
from hwsim.explore.point import Point


def keyed(*overrides, machine="edge_npu", mapping="auto", fidelity="analytical"):
    return Contents().key(Point(0, machine, "resnet50", mapping, fidelity, tuple(overrides)))


def test_a_size_may_be_written_in_any_unit():
    assert keyed(("buffer.capacity", "2 MiB")) == keyed(("buffer.capacity", "2048 KiB"))
    assert keyed(("buffer.capacity", "1 MiB")) == keyed()
    assert keyed(("dram.bandwidth", "1024 B/s")) != keyed(("dram.bandwidth", "1 kB/s"))


def test_what_changes_the_numbers_changes_the_key():
    designs = [
        keyed(),
        keyed(("buffer.capacity", "2 MiB")),
        keyed(("array.rows", 16)),
        keyed(("array.columns", 16)),
        keyed(("workload.batch", 4)),
        keyed(fidelity="bound"),
        keyed(mapping="unfused"),
        keyed(machine="tpu_v1"),
    ]
    assert len(set(designs)) == len(designs)


def test_names_and_descriptions_do_not():
    assert keyed(("description", "other words")) == keyed()


@given(
    st.dictionaries(
        st.sampled_from(["array.rows", "array.columns", "vector.lanes", "buffer.capacity", "clock"]),
        st.integers(1, 2000),
        min_size=1,
    )
)
@settings(max_examples=15, deadline=None)
def test_the_sum_of_changes_is_the_sum_of_the_changed_machine(chosen):
    settings = tuple((key, f"{value} MHz" if key == "clock" else value) for key, value in chosen.items())
    contents = Contents()
    contents.key(Point(0, "edge_npu", "resnet50", "auto", "bound", settings))
    point = Point(0, "edge_npu", "resnet50", "auto", "bound", settings)
    changed = apply_overrides(document_of("machine", "edge_npu"), point.machine_overrides)
    whole = contents._sum("machine", "edge_npu", point.machine_overrides)
    from hwsim.explore.content import _MODULUS, _total

    assert whole == _total(leaves(changed)) % _MODULUS
