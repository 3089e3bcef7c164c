"""Technology files: sections, tables built on others, and faults with their place."""

from __future__ import annotations

import pytest

from hwsim.energy.load import load_technology, technology_of
from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError

PJ = 1e-12
OWN = """\
name: own
source: a book
node: 10 nm
arithmetic:
  add:
    int8: {energy: 1 pJ, area: 10 um^2, source: page 1}
    int32: {energy: {value: 4 pJ, source: page 2, note: a guess}}
  multiply:
    int8: {energy: 2 pJ, area: 20 um^2}
accumulators: {int8: int32}
functions:
  exp: {operations: {mac: 3, add: 1}, source: page 3}
  twice: {operations: {exp: 2}}
registers: {energy: 1 fJ/bit, area: 2 um^2}
network: {hop: 0.5 pJ/bit}
logic: {leakage: 10 mW/mm^2}
sram:
  width: 8 B
  width_exponent: 0.5
  write_over_read: 2
  read:
    - {capacity: 1 KiB, energy: 1 pJ}
    - {capacity: 4 KiB, energy: 2 pJ}
  area: [{capacity: 1 KiB, area: 100 um^2}]
  leakage: [{capacity: 1 KiB, leakage: 1 mW}]
dram: {ddr3: 20 pJ/bit}
"""


def read(text, file="own.yaml"):
    return technology_of(parse_document(text, file))


@pytest.fixture(scope="module")
def own():
    return read(OWN)


def test_values_and_sources(own):
    assert own.name == "own"
    assert own.arithmetic("add", "int8").value == 1 * PJ
    assert own.arithmetic("add", "int8").source == "page 1"
    assert own.arithmetic("add", "int32").source == "page 2 (a guess)"
    assert own.arithmetic("multiply", "int8").source == "a book"
    assert own.register(16).value == pytest.approx(16e-15)
    assert own.register_area(3).value == pytest.approx(6e-12)
    assert own.hop(8).value == pytest.approx(4 * PJ)
    assert own.logic_leakage(2e-6).value == pytest.approx(20e-3)
    assert own.dram("ddr3").value == pytest.approx(20 * PJ)


def test_sram(own):
    assert own.sram("read", 2048, 8).value == pytest.approx(2**0.5 * PJ)
    assert own.sram("read", 1024, 32).value == pytest.approx(2 * PJ)
    assert own.sram("write", 1024, 8).value == pytest.approx(2 * PJ)
    assert own.sram_area(2048, 8).value == pytest.approx(200e-12)
    assert own.sram_leakage(512).value == pytest.approx(0.5e-3)


def test_compositions(own):
    assert own.arithmetic("mac", "int8").value == pytest.approx(6 * PJ)
    assert own.arithmetic("exp", "int8").value == pytest.approx(19 * PJ)
    assert own.arithmetic("twice", "int8").value == pytest.approx(38 * PJ)
    exp = own.arithmetic("exp", "int8").source
    assert exp == "exp in int8 (page 3) = 3 x [a book] + 3 x [page 2 (a guess)] + 1 x [page 1]"


def test_area_of_a_composition_is_one_unit_of_each_kind():
    text = OWN.replace("int32: {energy:", "int32: {area: 40 um^2, energy:")
    assert read(text).arithmetic_area("exp", "int8").value == pytest.approx((20 + 40 + 10) * 1e-12)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda t: t.arithmetic("mul", "int8"), "'own' has no operation 'mul'; did you mean 'multiply'"),
        (
            lambda t: t.arithmetic("add", "int16"),
            "'own' has no 'add' in 'int16'; 'add' is known in int32, int8",
        ),
        (lambda t: t.arithmetic("mac", "fp16"), "'own' has no 'mac' in 'fp16'; 'mac' is known in int8"),
        (lambda t: t.arithmetic("exp", "int32"), "no 'mac' in 'int32'"),
        (lambda t: t.arithmetic_area("add", "int32"), "'own' has no area for 'add' in 'int32'"),
        (lambda t: t.dram("ddr4"), "'own' has no DRAM device 'ddr4'; did you mean 'ddr3'"),
        (lambda t: t.sram("raed", 1024, 8), "no action 'raed'; did you mean 'read'"),
    ],
)
def test_what_a_table_lacks_is_never_made_up(own, ask, message):
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        ask(own)


@pytest.mark.parametrize(
    ("ask", "section"),
    [
        (lambda t: t.register(1), "registers"),
        (lambda t: t.register_area(1), "registers"),
        (lambda t: t.hop(1), "network"),
        (lambda t: t.logic_leakage(1.0), "logic"),
        (lambda t: t.sram("read", 1, 1), "sram"),
        (lambda t: t.sram_area(1, 1), "sram"),
        (lambda t: t.sram_leakage(1), "sram"),
    ],
)
def test_missing_sections(ask, section):
    with pytest.raises(InputError, match=f"'bare' has no section '{section}'"):
        ask(read("name: bare\n"))


def test_a_function_of_itself():
    with pytest.raises(InputError, match="'exp' is composed of itself"):
        read(OWN.replace("{mac: 3, add: 1}", "{twice: 1}")).arithmetic("exp", "int8")


def test_own_sections_go_before_what_is_included(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(OWN)
    table = read(f"name: other\ninclude: [{file}]\narithmetic: {{add: {{int8: {{energy: 7 pJ}}}}}}\n")
    assert table.arithmetic("add", "int8").value == 7 * PJ
    assert table.arithmetic_area("add", "int8").value == pytest.approx(10e-12)
    assert table.arithmetic("multiply", "int8").value == 2 * PJ
    assert table.dram("ddr3").value == pytest.approx(20 * PJ)


def test_scaled(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(OWN)
    scale = f"{{table: {file}, energy: 0.5, area: 0.25, leakage: 0.1, source: a law}}"
    table, own = read(f"name: other\nscale: {scale}\n"), read(OWN)
    assert table.arithmetic("mac", "int8").value == pytest.approx(3 * PJ)
    assert table.arithmetic_area("add", "int8").value == pytest.approx(2.5e-12)
    assert table.sram("read", 2048, 8).value == pytest.approx(own.sram("read", 2048, 8).value / 2)
    assert table.sram_leakage(1024).value == pytest.approx(0.1e-3)
    # the leakage of a circuit, density times area, falls by the factor of leakage
    assert table.logic_leakage(0.25e-6).value == pytest.approx(own.logic_leakage(1e-6).value * 0.1)
    assert table.dram("ddr3").value == pytest.approx(20 * PJ)
    assert table.arithmetic("add", "int8").source == "page 1 x 0.5 (a law)"


def test_between_is_geometric_in_the_node(tmp_path):
    for node, energy in ((10, 1), (40, 4)):
        (tmp_path / f"n{node}.yaml").write_text(
            OWN.replace("10 nm", f"{node} nm").replace("energy: 1 pJ, area", f"energy: {energy} pJ, area")
        )
    files = f"[{tmp_path}/n10.yaml, {tmp_path}/n40.yaml]"
    table = read(f"name: mid\nnode: 20 nm\nbetween: {files}\n")
    assert table.arithmetic("add", "int8").value == pytest.approx(2 * PJ)
    assert not table.arithmetic("add", "int8").extrapolated
    assert table.arithmetic("multiply", "int8").value == pytest.approx(2 * PJ)
    beyond = read(f"name: far\nnode: 80 nm\nbetween: {files}\n")
    assert beyond.arithmetic("add", "int8").value == pytest.approx(8 * PJ)
    assert beyond.arithmetic("add", "int8").extrapolated


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("name: x\ninclude: [dram_device]\n", 2, "did you mean 'dram_devices'"),
        ("name: x\nbetween: [cmos_45nm, cmos_7nm]\n", 2, "'between' needs the key 'node'"),
        ("name: x\nnode: 5 nm\nbetween: [cmos_45nm, cmos_45nm]\n", 3, "needs two tables of different nodes"),
        ("name: x\nnode: 5 nm\nbetween: [cmos_45nm, fusemax_45nm]\n", 3, "needs two tables of different"),
        ("name: x\nnode: 5 nm\nbetween: [cmos_45nm]\n", 3, "at least 2"),
        (
            "name: x\nscale: {table: cmos, energy: 1, area: 1, leakage: 1}\n",
            2,
            "there is no technology 'cmos'",
        ),
        ("name: x\nscale: {table: cmos_45nm, energy: 0, area: 1, leakage: 1}\n", 2, "greater than 0"),
        ("name: x\narithmetic: {add: {int8: {energy: 1 mm}}}\n", 2, "expected an energy"),
        ("name: x\narithmetic: {add: {int8: {energie: 1 pJ}}}\n", 2, "did you mean 'energy'"),
        ("name: x\ndram: {ddr3: 3 pJ}\n", 2, "expected an energy per bit"),
        ("name: x\ndrams: {ddr3: 3 pJ/bit}\n", 2, "did you mean 'dram'"),
    ],
)
def test_faults_have_their_place(text, line, message):
    with pytest.raises(InputError) as caught:
        read(text)
    assert message in str(caught.value)
    assert caught.value.position.line == line


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{capacity: 4 KiB, energy: 2 pJ}", "{capacity: 1 KiB, energy: 2 pJ}", "the capacities must ascend"),
        (
            "{capacity: 4 KiB, energy: 2 pJ}",
            "{capacity: 4 KiB, energy: 0 pJ}",
            "energy must be greater than 0",
        ),
        ("[{capacity: 1 KiB, area: 100 um^2}]", "[]", "at least 1"),
        ("width_exponent: 0.5", "width_exponent: 1.5", "at most 1"),
    ],
)
def test_faulty_sram(old, new, message):
    with pytest.raises(InputError) as caught:
        read(OWN.replace(old, new))
    assert message in str(caught.value)
    assert caught.value.position.line == OWN[: OWN.index(old)].count("\n") + 1


def test_a_table_that_builds_on_itself(tmp_path):
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(f"name: a\ninclude: [{second}]\n")
    second.write_text(f"name: b\ninclude: [{first}]\n")
    with pytest.raises(InputError, match="builds on itself") as caught:
        load_technology(str(first))
    assert caught.value.position.file == str(second)


def test_no_such_table():
    with pytest.raises(InputError, match=r"no technology 'cmos_45mn'.*did you mean 'cmos_45nm'"):
        load_technology("cmos_45mn")
