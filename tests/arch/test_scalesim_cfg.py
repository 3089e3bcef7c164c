from __future__ import annotations

import pytest

from hwsim.arch.load import load_arch
from hwsim.arch.machine import memory_of
from hwsim.spec.errors import InputError

CONFIGURATION = """\
[general]
run_name = "an example"

[architecture_presets]
ArrayHeight:    32
ArrayWidth:     16
IfmapSramSzkB:   64
FilterSramSzkB:  32
OfmapSramSzkB:   8
IfmapOffset:    0
Bandwidth : 10,20
Dataflow : os
MemoryBanks:   1

[sparsity]
SparsitySupport : false

[run_presets]
InterfaceBandwidth: CALC
UseRamulatorTrace: False
"""


@pytest.fixture
def load(tmp_path):
    """Loads a configuration with one text replaced by another."""

    def load(old="", new="", *settings):
        path = tmp_path / "scale.cfg"
        assert old in CONFIGURATION
        path.write_text(CONFIGURATION.replace(old, new, 1) if old else CONFIGURATION)
        return load_arch(str(path), settings)

    return load


def test_the_machine_is_an_array_below_a_memory_for_each_operand(load):
    arch = load()
    assert arch.name == "an example"
    names = [part.name for part in arch.walk()]
    assert names == ["dram", "ifmap_sram", "filter_sram", "ofmap_sram", "array"]
    paths = {role: arch.memory_path("array", role)[-1] for role in ("input", "weight", "output")}
    sizes = {role: memory_of(memory).capacity for role, memory in paths.items()}
    assert sizes == {"input": 64 * 1024, "weight": 32 * 1024, "output": 8 * 1024}
    assert all(memory_of(memory).double_buffered for memory in paths.values())
    array = arch.find("array").attributes
    assert (array.rows, array.columns, array.dataflow) == (32, 16, "output_stationary")
    assert (array.datatype, array.accumulator) == ("int8", "int8")


def test_a_calculated_bandwidth_never_limits_a_given_one_does(load):
    assert memory_of(load().root).bandwidth is None
    limited = memory_of(load("CALC", "USER").root).bandwidth
    assert limited is not None
    assert limited.bytes_per_cycle == 10


def test_values_say_where_they_come_from(load):
    arch = load()
    assert arch.find("array").source_of("rows") == "scale.cfg:5, ArrayHeight"
    assert "SCALE-Sim has none" in dict(arch.sources)["clock"]


def test_version_1_has_another_key_for_sizes(load):
    assert memory_of(load("IfmapSramSzkB", "IfmapSramSz").find("ifmap_sram")).capacity == 64 * 1024


def test_settings_reach_the_machine(load):
    assert load("", "", "array.rows=8").find("array").attributes.rows == 8


def test_run_presets_and_names_may_be_missing(tmp_path):
    path = tmp_path / "plain.cfg"
    path.write_text(CONFIGURATION[CONFIGURATION.index("[arch") : CONFIGURATION.index("[sparsity")])
    arch = load_arch(str(path))
    assert (arch.name, memory_of(arch.root).bandwidth) == ("plain", None)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("ArrayHeight:    32", "ArrayHeight:    0", "scale.cfg:5:17: ArrayHeight: '0' is not a whole number"),
        ("ArrayHeight:    32\n", "", "scale.cfg:4:1: the key 'ArrayHeight' is missing"),
        (
            "ArrayHeight",
            "ArrayHieght",
            "scale.cfg:5:1: unknown key 'ArrayHieght' in section [architecture_presets]; did you mean",
        ),
        ("Bandwidth : 10", " Bandwith : 10", "scale.cfg:11:2: unknown key 'Bandwith'"),
        (
            "Bandwidth : 10",
            "Bandwidth : 0",
            "scale.cfg:11:13: Bandwidth: '0' is not a whole number of at least 1",
        ),
        (
            "[run_presets]",
            "[run_preset]",
            "scale.cfg:18:1: unknown section [run_preset]; did you mean 'run_presets'?",
        ),
        ("Dataflow : os", "Dataflow : oss", "scale.cfg:12:12: Dataflow: unknown 'oss'; did you mean 'os'"),
        (
            "SparsitySupport : false",
            "SparsitySupport : true",
            "scale.cfg:16:19: SparsitySupport: sparse operands",
        ),
        ("CALC", "CLAC", "scale.cfg:19:21: InterfaceBandwidth: unknown 'CLAC'; did you mean 'CALC'"),
        (
            "IfmapSramSzkB",
            "IfmapSize",
            "unknown key 'IfmapSize' in section [architecture_presets]",
        ),
        (
            "[architecture_presets]",
            "[architecture]",
            "scale.cfg:4:1: unknown section [architecture]; did you mean 'architecture_presets'",
        ),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(load, old, new, says):
    with pytest.raises(InputError) as error:
        load(old, new)
    assert says in str(error.value)


def test_a_bandwidth_that_is_none(tmp_path):
    path = tmp_path / "scale.cfg"
    path.write_text(CONFIGURATION.replace("CALC", "USER").replace("10,20", "fast"))
    with pytest.raises(InputError, match="Bandwidth: 'fast' is not a whole number"):
        load_arch(str(path))
