"""From YAML to a tree of components: what is inherited, what is refused and where."""

from __future__ import annotations

import pytest

from hwsim.arch.load import apply_overrides, arch_of, load_arch
from hwsim.arch.memory import Dram, Sram
from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError
from hwsim.spec.quantity import Bandwidth

CHIP = """\
name: chip
source: a book
clock: {value: 1 GHz, source: page 1}
technology: cmos_45nm
components:
  dram:
    class: dram
    device: ddr3
    bandwidth: 10 GB/s
    efficiency: 0.5
    width: 64 B
    components:
      core:
        class: container
        fanout: 2
        clock: 500 MHz
        source: page 2
        components:
          buffer:
            class: sram
            capacity: 1 MiB
            width: {value: 8 B, source: page 3, note: a guess}
            holds: [input, output]
            components:
              weights:
                class: register_file
                capacity: 64 B
                width: 1 B
                holds: [weight]
                components:
                  array:
                    class: systolic_array
                    fanout: 4
                    rows: 8
                    columns: 4
                    dataflow: output_stationary
                    datatype: int8
                    accumulator: int32
              vector:
                class: vector_unit
                lanes: 4
                datatype: fp32
                units: [mac]
                cycles: {add: 1, exp: {value: 6, source: page 4}}
                energy: {exp: 3 pJ}
"""


def loaded(*overrides, text=CHIP):
    return arch_of(apply_overrides(parse_document(text, "chip.yaml"), overrides))


@pytest.fixture(scope="module")
def chip():
    return loaded()


def test_values_are_in_si_units(chip):
    dram, buffer = chip.root.attributes, chip.find("buffer").attributes
    assert isinstance(dram, Dram)
    assert isinstance(buffer, Sram)
    assert (chip.clock, dram.bandwidth, dram.capacity) == (1e9, Bandwidth(bytes_per_second=10e9), None)
    assert (buffer.capacity, buffer.width, buffer.holds) == (2**20, 8, ["input", "output"])


def test_walk_goes_parents_first(chip):
    assert [part.name for part in chip.walk()] == ["dram", "core", "buffer", "weights", "array", "vector"]


def test_instances_multiply_down_the_tree(chip):
    assert {part.name: (part.fanout, part.instances) for part in chip.walk()} == {
        "dram": (1, 1),
        "core": (2, 2),
        "buffer": (1, 2),
        "weights": (1, 2),
        "array": (4, 8),
        "vector": (1, 2),
    }


def test_the_nearest_clock_counts(chip):
    assert chip.root.clock == 1e9
    assert chip.find("array").clock == 5e8


def test_attributes_are_of_the_class_itself(chip):
    assert type(chip.find("buffer").attributes) is Sram
    assert not hasattr(chip.find("buffer").attributes, "components")


def test_memory_path_leaves_out_what_does_not_hold_the_role(chip):
    def names(role):
        return [memory.name for memory in chip.memory_path("array", role)]

    assert names("input") == ["dram", "buffer"]
    assert names("weight") == ["dram", "weights"]
    assert names("output") == ["dram", "buffer"]


def test_sources_are_own_then_the_nearest_around(chip):
    buffer, vector = chip.find("buffer"), chip.find("vector")
    assert buffer.source_of("width") == "page 3 (a guess)"
    assert buffer.source_of("capacity") == "page 2"
    assert vector.source_of("cycles.exp") == "page 4"
    assert vector.source_of("cycles.add") == "page 2"
    assert vector.source_of("energy.exp") == "page 2"
    assert chip.root.source_of("device") == "a book"
    assert dict(chip.sources) == {"clock": "page 1", "technology": "a book"}


def test_find_suggests(chip):
    with pytest.raises(InputError, match="no component 'aray'; did you mean 'array'"):
        chip.find("aray")


@pytest.mark.parametrize(
    ("override", "read"),
    [
        ("array.rows=16", lambda arch: arch.find("array").attributes.rows == 16),
        ("array.fanout=2", lambda arch: arch.find("array").instances == 4),
        ("buffer.capacity=512KiB", lambda arch: arch.find("buffer").attributes.capacity == 2**19),
        ("core.clock=2 GHz", lambda arch: arch.find("array").clock == 2e9),
        ("clock=3 GHz", lambda arch: arch.root.clock == 3e9),
        ("technology=cmos_7nm", lambda arch: arch.technology == "cmos_7nm"),
        ("vector.cycles.add=2", lambda arch: arch.find("vector").attributes.cycles["add"] == 2),
        ("vector.cycles.log=7", lambda arch: arch.find("vector").attributes.cycles["log"] == 7),
        ("buffer.area=1 mm^2", lambda arch: arch.find("buffer").attributes.area == pytest.approx(1e-6)),
        ("buffer.holds=[input]", lambda arch: arch.find("buffer").attributes.holds == ["input"]),
        ("array.class=container", None),
    ],
)
def test_overrides(override, read):
    if read is None:
        with pytest.raises(InputError, match="unknown key 'rows'"):
            loaded(override)
    else:
        assert read(loaded(override))


def test_an_override_is_its_own_source():
    assert loaded("array.rows=16").find("array").source_of("rows") == "command line"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("aray.rows=1", "no component or key 'aray'; did you mean 'array'"),
        ("array.row=1", "unknown key 'row'; did you mean 'rows'"),
        ("array.rows=0", "rows must be greater than 0, got 0"),
        ("array.rows", "there is no '='"),
        ("array=1", "'array' is a component; write --set array.attribute=value"),
        ("buffer.capacity=1 MHz", "expected a size"),
        ("technology=cmos_44nm", "no technology 'cmos_44nm'.*did you mean 'cmos_45nm'"),
    ],
)
def test_faulty_overrides(override, message):
    with pytest.raises(InputError, match=message):
        loaded(override)


@pytest.mark.parametrize(
    ("old", "new", "caret", "message"),
    [
        ("rows: 8", "row: 8", "row: 8", "unknown key 'row'; did you mean 'rows'?"),
        ("register_file", "registerfile", "registerfile", "'registerfile'; did you mean 'register_file'?"),
        ("class: register_file", "klass: register_file", "weights:", "the key 'class' is missing"),
        (
            "array:",
            "buffer:",
            "buffer:\n                    class: sys",
            "two components are called 'buffer'",
        ),
        ("array:", "a.b:", "a.b:", "a component cannot be called 'a.b'"),
        ("  dram:", "  x: {class: container}\n  dram:", "components:\n  x", "found 2 (x, dram)"),
        ("components:\n  dram:", "components: {}\nx:\n  dram:", "x:\n", "unknown key 'x'"),
        ("exp: {value: 6", "expo: {value: 6", "6, source", "no function 'expo'; did you mean 'exp'?"),
        ("datatype: int8", "datatype: int9", "int9", "unknown datatype 'int9'; did you mean"),
        ("technology: cmos_45nm", "technology: cmos_45", "cmos_45", "there is no technology 'cmos_45'"),
        ("capacity: 1 MiB", "capacity: 1.5 B", "1.5 B", "which is not a whole number"),
        ("efficiency: 0.5", "efficiency: 1.5", "1.5", "efficiency must be at most 1"),
        ("holds: [weight]", "holds: [wait]", "wait", "'input', 'weight' or 'output', got 'wait'"),
        ("clock: 500 MHz", "clock: .nan", ".nan", "expected a frequency"),
        ("width: 1 B", "width: 0 B", "0 B", "must be greater than 0"),
        ("rows: 8", "rows: -8", "-8", "rows must be greater than 0, got -8"),
        ("fanout: 4", "fanout: 1.5", "1.5", "must be a whole number"),
    ],
)
def test_faults_have_their_place(old, new, caret, message):
    assert CHIP.count(old) == 1
    text = CHIP.replace(old, new)
    with pytest.raises(InputError) as caught:
        loaded(text=text)
    before = text[: text.index(caret)]
    error = caught.value
    assert message in str(error)
    assert error.position.line == before.count("\n") + 1
    assert error.position.column == len(before.rpartition("\n")[2]) + 1


def test_no_such_machine():
    with pytest.raises(InputError, match=r"there is no arch 'tpu_v11'.*did you mean 'tpu_v1'"):
        load_arch("tpu_v11")


def test_an_attribute_without_its_component_is_offered_with_it():
    with pytest.raises(InputError, match=r"did you mean 'array\.rows'\?"):
        loaded("rows=3")
    with pytest.raises(InputError, match=r"did you mean 'buffer\.capacity' or 'weights\.capacity'\?"):
        loaded("capacity=3 B")
