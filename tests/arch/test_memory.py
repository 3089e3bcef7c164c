"""What memories cost: macros side by side, registers by the bit, DRAM by the device."""

from __future__ import annotations

import pytest

from hwsim.arch.memory import Dram, RegisterFile, Sram
from hwsim.energy.load import load_technology

KIB = 1024
FIELDS = {"macro_capacity": None, "macro_width": None}


@pytest.fixture(scope="module")
def table():
    return load_technology("cmos_45nm")


def sram(**fields):
    return Sram.model_construct(**FIELDS | fields)


def test_one_macro(table):
    memory = sram(capacity=32 * KIB, width=8)
    assert memory.action_energies(table)["read"] == table.sram("read", 32 * KIB, 8)
    assert memory.area_price(table) == table.sram_area(32 * KIB, 8)
    assert memory.leakage_price(table) == table.sram_leakage(32 * KIB)


def test_macros_side_by_side(table):
    memory = sram(capacity=256 * KIB, width=64, macro_capacity=32 * KIB, macro_width=8)
    read = memory.action_energies(table)["read"]
    assert read.value == pytest.approx(8 * 20e-12)
    assert "8 macros at once" in read.source
    assert memory.area_price(table).value == pytest.approx(8 * table.sram_area(32 * KIB, 8).value)
    assert memory.leakage_price(table).value == pytest.approx(8 * table.sram_leakage(32 * KIB).value)


def test_a_memory_smaller_than_its_macro_is_one_macro(table):
    memory = sram(capacity=8 * KIB, width=8, macro_capacity=32 * KIB, macro_width=16)
    assert memory.macro == (8 * KIB, 8)
    assert memory.action_energies(table)["write"] == table.sram("write", 8 * KIB, 8)
    assert memory.area_price(table) == table.sram_area(8 * KIB, 8)


def test_registers_by_the_bit(table):
    memory = RegisterFile.model_construct(capacity=32, width=4)
    assert memory.action_energies(table)["write"].value == pytest.approx(32 * 0.009e-12)
    assert memory.area_price(table).value == pytest.approx(256 * 5.98e-12)


def test_dram_by_the_device(table):
    memory = Dram.model_construct(device="hbm2", width=32)
    assert memory.action_energies(table)["read"].value == pytest.approx(256 * 3.92e-12)
    assert memory.area_price(table) is None
