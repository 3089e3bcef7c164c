"""The crossbar macro: counts against bits moved one by one, sum of tiles, bounds, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim import simulate
from hwsim.arch.load import arch_of, load_arch
from hwsim.engines.crossbar.engine import CrossbarEngine
from hwsim.mapping.cut import tiling_of
from hwsim.spec.document import parse_document
from hwsim.spec.errors import InputError
from hwsim.workload.contraction import Matmul

MACHINE = """
name: test_macro
source: made up for tests
clock: 1 GHz
technology: cmos_45nm
components:
  dram:
    class: dram
    device: lpddr4
    efficiency: 1.0
    width: 64 B
    components:
      crossbar:
        class: crossbar_macro
        fanout: {fanout}
        rows: {rows}
        columns: {columns}
        cell_bits: {cell_bits}
        dac_bits: {dac_bits}
        adc_bits: {adc_bits}
        adcs: {adcs}
        active_rows: {active_rows}
        reads: {reads}
        write_cycles: 3
        datatype: int4
        energy: {{adc: 2 pJ, dac: 1 pJ, cell_read: 1 fJ, cell_write: 5 pJ}}
        cell_area: 1 um^2
        adc_area: 100 um^2
        dac_area: 10 um^2
"""
DEFAULT = {
    "fanout": 1,
    "rows": 8,
    "columns": 16,
    "cell_bits": 2,
    "dac_bits": 1,
    "adc_bits": 8,
    "adcs": 4,
    "active_rows": 4,
    "reads": 1,
}


def machine(**changes):
    return arch_of(parse_document(MACHINE.format(**{**DEFAULT, **changes}), "macro.yaml"))


def engine(**changes):
    component = machine(**changes).find("crossbar")
    found = component.attributes.engine(component)
    assert isinstance(found, CrossbarEngine)
    return found


def literal(macro, inputs, weights):
    """A product bit by bit: cells, slices of inputs, groups of rows, conversions; and what was done."""
    M, K = inputs.shape
    N = weights.shape[1]
    done = dict.fromkeys(("cell_write", "cell_read", "dac", "adc", "shift_add", "cycles"), 0)
    result = np.zeros((M, N), dtype=np.int64)
    cells = 4 // macro.cell_bits
    for k in range(0, K, macro.rows):
        for n in range(0, N, macro.weights_a_row):
            part = weights[k : k + macro.rows, n : n + macro.weights_a_row]
            stored = [(part >> (macro.cell_bits * c)) % 2**macro.cell_bits for c in range(cells)]
            done["cell_write"] += sum(each.size for each in stored)
            done["cycles"] += macro.rows * macro.write_cycles
            for m in range(M):
                done["cycles"] += macro.vector_cycles
                for s in range(0, 4, macro.dac_bits):
                    driven = (inputs[m, k : k + macro.rows] >> s) % 2**macro.dac_bits
                    for _ in range(macro.reads):
                        done["dac"] += driven.size
                        done["cell_read"] += sum(each.size for each in stored)
                        for g in range(0, driven.size, macro.rows_at_once):
                            for c, each in enumerate(stored):
                                sums = driven[g : g + macro.rows_at_once] @ each[g : g + macro.rows_at_once]
                                assert sums.max(initial=0) < 2 ** (macro.needed_adc_bits + 1)
                                done["adc"] += sums.size
                                done["shift_add"] += sums.size
                                if _ == 0:
                                    shifted = sums << (s + macro.cell_bits * c)
                                    result[m, n : n + macro.weights_a_row] += shifted
    return result, done


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(1, 20),
    st.integers(1, 20),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([1, 2]),
    st.integers(1, 8),
    st.integers(1, 3),
)
def test_counts_are_those_of_bits_moved_one_by_one(M, K, N, cell_bits, dac_bits, active, reads):
    found = engine(cell_bits=cell_bits, dac_bits=dac_bits, active_rows=active, reads=reads)
    rng = np.random.default_rng(M * K * N)
    inputs, weights = rng.integers(0, 16, (M, K)), rng.integers(0, 16, (K, N))
    result, done = literal(found.macro, inputs, weights)
    assert (result == inputs @ weights).all()
    problem = Matmul(1, M, N, K, images=M)
    counted = {each.action: each.count for each in found.actions(problem, [(1, problem)])}
    assert counted == {name: many for name, many in done.items() if name != "cycles"}
    tiling = tiling_of(problem, (1, M, N, K))
    assert found.cycles(problem, tiling, "M") == done["cycles"]
    assert found.peak_macs * done["cycles"] >= M * N * K


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(*[st.integers(1, 12)] * 4),
    st.tuples(*[st.integers(1, 12)] * 4),
    st.integers(1, 3),
    st.sampled_from("MNK"),
)
def test_tiles_add_up_to_the_whole(sizes, tile, fanout, innermost):
    found = engine(fanout=fanout)
    problem = Matmul(*sizes, images=sizes[1])
    tile = tuple(min(pair) for pair in zip(sizes, tile, strict=True))
    tiling = tiling_of(problem, tile)
    cuts = [tiling.batch, tiling.M, tiling.N, tiling.K]
    walked = 0
    for b in pieces(cuts[0]):
        for n in pieces(cuts[2]):
            for k in pieces(cuts[3]):
                for at, m in enumerate(pieces(cuts[1])):
                    opening = at == 0 or innermost != "M"
                    walked += found.tile_cycles(problem, (b, m, n, k), innermost, opening)
    assert found.cycles(problem, tiling, innermost) == walked


def pieces(cut):
    return [cut.tile] * (cut.trips - 1) + [cut.last]


def test_more_converters_and_fewer_reads_are_faster_and_cost_area():
    slow, fast, calm = engine(), engine(adcs=16), engine(reads=4)
    assert slow.macro.vector_cycles == 4 * fast.macro.vector_cycles == calm.macro.vector_cycles // 4
    assert fast.macro.area_price(None).value - slow.macro.area_price(None).value == pytest.approx(
        12 * 100e-12
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"adc_bits": 2, "active_rows": 8}, "need converters of 4 bits"),
        ({"columns": 1}, "1 columns do not hold one weight of 2"),
        ({"adcs": 17}, "17 converters for 16 columns"),
    ],
)
def test_macros_that_cannot_work_are_refused(changes, says):
    with pytest.raises(InputError, match=says) as error:
        machine(**changes)
    assert error.value.position is not None


@pytest.mark.parametrize("name", ["reram_isaac", "reram_macro_256kb"])
def test_machines_of_the_library_run(name):
    result = simulate(name, "liquid_state_machine")
    assert result.execution.lower_bound_cycles <= result.execution.cycles
    assert result.dram_bytes >= result.execution.compulsory_dram_bytes
    assert result.energy_j > 0


def test_the_reservoir_fills_a_macro_of_256_kbit():
    macro = load_arch("reram_macro_256kb").find("crossbar").attributes
    assert macro.rows * macro.columns * macro.cell_bits == 256 * 2**10
