"""The shipped tables: published figures exact, nodes in order, every machine priced, every price sourced."""

from __future__ import annotations

import functools
from itertools import pairwise

import pytest

from hwsim.arch.load import load_arch
from hwsim.energy.load import load_technology
from hwsim.spec.library import names
from hwsim.workload.layers.work import FUNCTIONS

MACHINES = [entry.name for entry in names("arch")]
TABLES = [entry.name for entry in names("technology") if entry.folder == ""]
CMOS = ["cmos_65nm", "cmos_45nm", "cmos_28nm", "cmos_22nm", "cmos_16nm", "cmos_7nm"]
DATATYPES = ("int4", "int8", "uint8", "int16", "int32", "fp16", "bf16", "fp32")
PJ, UM2, KIB = 1e-12, 1e-12, 1024

technology = functools.cache(load_technology)


@pytest.mark.parametrize(
    ("operation", "datatype", "energy", "area"),
    [
        # Horowitz, ISSCC 2014, fig. 1.1.9
        ("add", "int8", 0.03, 36),
        ("add", "int16", 0.05, 67),
        ("add", "int32", 0.1, 137),
        ("add", "fp16", 0.4, 1360),
        ("add", "fp32", 0.9, 4184),
        ("multiply", "int8", 0.2, 282),
        ("multiply", "int32", 3.1, 3495),
        ("multiply", "fp16", 1.1, 1640),
        ("multiply", "fp32", 3.7, 7700),
    ],
)
def test_45nm_arithmetic_is_horowitz(operation, datatype, energy, area):
    table = technology("cmos_45nm")
    assert table.arithmetic(operation, datatype).value == pytest.approx(energy * PJ, rel=1e-12)
    assert table.arithmetic_area(operation, datatype).value == pytest.approx(area * UM2, rel=1e-12)
    assert "Horowitz" in table.arithmetic(operation, datatype).source


@pytest.mark.parametrize(
    ("name", "capacity", "energy"),
    [
        ("cmos_45nm", 8 * KIB, 10),
        ("cmos_45nm", 32 * KIB, 20),
        ("cmos_45nm", 1024 * KIB, 100),
        ("cmos_7nm", 8 * KIB, 7.5),
        ("cmos_7nm", 32 * KIB, 8.5),
        ("cmos_7nm", 1024 * KIB, 14),
    ],
)
def test_sram_energies_at_the_published_points(name, capacity, energy):
    price = technology(name).sram("read", capacity, 8)
    assert price.value == pytest.approx(energy * PJ, rel=1e-12)
    assert not price.extrapolated


@pytest.mark.parametrize(
    ("operation", "datatype", "energy"),
    [
        # Jouppi et al., ISCA 2021, table 2
        ("add", "int8", 0.007),
        ("add", "int32", 0.03),
        ("add", "bf16", 0.11),
        ("add", "fp16", 0.16),
        ("add", "fp32", 0.38),
        ("multiply", "int8", 0.07),
        ("multiply", "int32", 1.48),
        ("multiply", "bf16", 0.21),
        ("multiply", "fp16", 0.34),
        ("multiply", "fp32", 1.31),
    ],
)
def test_7nm_arithmetic_is_jouppi(operation, datatype, energy):
    price = technology("cmos_7nm").arithmetic(operation, datatype)
    assert price.value == pytest.approx(energy * PJ, rel=1e-12)
    assert "Jouppi" in price.source


def test_mac_is_multiply_and_add_in_the_accumulator():
    table = technology("cmos_45nm")
    assert table.arithmetic("mac", "int8").value == pytest.approx(0.3 * PJ)  # int8 multiply + int32 add
    assert table.arithmetic("mac", "fp16").value == pytest.approx(2.0 * PJ)  # fp16 multiply + fp32 add
    assert table.arithmetic_area("mac", "int8").value == pytest.approx((282 + 137) * UM2)


@pytest.mark.parametrize("name", CMOS)
def test_every_function_has_a_price_in_every_datatype(name):
    for function in (*FUNCTIONS, "mac"):
        for datatype in DATATYPES:
            price = technology(name).arithmetic(function, datatype)
            assert price.source
            assert (price.value > 0) == (function != "move")


@pytest.mark.parametrize("function", [*FUNCTIONS, "mac"])
def test_the_fusemax_table_knows_every_function_in_its_words(function):
    assert technology("fusemax_45nm").arithmetic(function, "fp16").source


def test_a_finer_node_costs_less():
    for older, newer in pairwise(CMOS):
        one, other = technology(older), technology(newer)
        for function in ("add", "multiply", "mac", "exp", "compare"):
            for datatype in DATATYPES:
                assert one.arithmetic(function, datatype).value > other.arithmetic(function, datatype).value
                area = one.arithmetic_area(function, datatype).value
                assert area > other.arithmetic_area(function, datatype).value
        for capacity in (8 * KIB, 100 * KIB, 1024 * KIB):
            assert one.sram("read", capacity, 16).value > other.sram("read", capacity, 16).value
            assert one.sram_area(capacity, 16).value > other.sram_area(capacity, 16).value
            assert one.sram_leakage(capacity).value > other.sram_leakage(capacity).value
        assert one.register(8).value > other.register(8).value
        assert one.hop(8).value > other.hop(8).value


@pytest.mark.parametrize("name", TABLES)
def test_sram_costs_more_the_larger_and_the_wider(name):
    table = technology(name)
    capacities = [2**power for power in range(8, 29)]
    for capacity, larger in pairwise(capacities):
        for action in ("read", "write"):
            price = table.sram(action, capacity, 16)
            assert price.value < table.sram(action, larger, 16).value
            assert price.value < table.sram(action, capacity, 32).value <= 2 * price.value * (1 + 1e-9)
        assert table.sram_area(capacity, 16).value < table.sram_area(larger, 16).value
        assert table.sram_leakage(capacity).value < table.sram_leakage(larger).value


def test_sram_beyond_the_published_capacities_says_so():
    table = technology("cmos_45nm")
    assert not table.sram("read", 1024 * KIB, 64).extrapolated
    assert table.sram("read", 1025 * KIB, 64).extrapolated
    assert table.sram("write", 4 * KIB, 64).extrapolated
    assert table.sram_area(33 << 20, 8).extrapolated
    assert not table.sram_area(32 << 20, 8).extrapolated
    assert technology("cmos_28nm").sram("read", 2 << 20, 8).extrapolated


def test_dram_is_the_same_at_every_node():
    devices = ("ddr3", "ddr4", "lpddr4", "lpddr5", "gddr6", "hbm2", "hbm2e", "hbm3")
    for device in devices:
        prices = {technology(name).dram(device) for name in CMOS}
        assert len(prices) == 1
        assert 1 * PJ < prices.pop().value < 100 * PJ


@pytest.mark.parametrize("name", MACHINES)
def test_every_price_of_every_machine(name):
    arch = load_arch(name)
    table = technology(arch.technology)
    for component in arch.walk():
        attributes = component.attributes
        energies = attributes.action_energies(table)
        known = {*energies, *getattr(attributes, "actions", ())}  # parts of a chip are priced by the machine
        assert set(attributes.energy) <= known, component.name
        for price in (*energies.values(), attributes.area_price(table), attributes.leakage_price(table)):
            assert price is None or (price.source and price.value >= 0)


@pytest.mark.parametrize(
    ("component", "published"),
    [("scratchpad", 544e-9), ("accumulator", 146e-9)],
)
def test_sram_area_meets_gemmini(component, published):
    """Genc et al., DAC 2021, area of the 256 KiB scratchpad and the 64 KiB accumulator in Intel 22FFL."""
    arch = load_arch("gemmini_default")
    price = arch.find(component).attributes.area_price(technology(arch.technology))
    assert price.value == pytest.approx(published, rel=0.06)


def test_sram_area_meets_tpu_v4i():
    arch = load_arch("tpu_v4i")
    price = arch.find("cmem").attributes.area_price(technology(arch.technology))
    assert price.value == pytest.approx(0.28 * 400e-6)


def test_tpu_v1_busy_arithmetic_is_within_its_measured_power():
    """Jouppi et al. 2017, table 2: 40 W busy; the array at peak must be a part of it, and not a small one."""
    arch = load_arch("tpu_v1")
    mac = technology(arch.technology).arithmetic("mac", "int8").value
    assert 5 < mac * 65536 * arch.clock < 40
