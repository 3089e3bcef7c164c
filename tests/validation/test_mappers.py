"""AccelForge's and ZigZag's mappings, read and evaluated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwsim.mapping.loopnest.nodes import Spatial, Storage, Temporal
from hwsim.spec.errors import InputError
from hwsim.validation.mappers.chain import workload_of
from hwsim.validation.mappers.looptree import nests_of
from hwsim.validation.mappers.machines import FOLDER, machine_called
from hwsim.validation.mappers.uneven import nest_of, uneven_of
from hwsim.validation.references import accelforge, zigzag

CHAIN = (
    "attention-like chain S[m,n]=Q[m,e]*Kt[e,n]; O[m,f]=S[m,n]*V[n,f]; M=N=512, E=F=64, 8 bits every tensor"
)
GEMM = "GEMM C[m,n]=A[m,k]*B[k,n], M=4, N=6, K=8, 8 bits every tensor"


@pytest.mark.parametrize("reference", [accelforge, zigzag])
def test_what_ships_agrees(reference):
    found = reference.compare(None)
    assert found.failed == 0
    assert all(row.reference is not None for row in found.rows)


def test_zigzags_energy_and_words_are_met_to_the_digit():
    rows = zigzag.compare(None).rows
    exact = [row for row in rows if row.metric == "energy_pJ" or row.metric.startswith("port_word")]
    assert len(exact) == 9 * (1 + 4 * 7)
    assert all(row.error == 0 for row in exact)


def test_accelforges_bits_are_met_to_the_digit():
    rows = [row for row in accelforge.compare(None).rows if row.metric.startswith("action_counts")]
    assert len(rows) == sum(len(case["action_counts_component_tensor_action"]) for case in _cases(accelforge))
    assert all(row.error == 0 for row in rows)


def _cases(reference):
    return json.loads(reference.SHIPPED.read_text())["cases"]


def test_a_wrong_reference_changes_errors_never_our_values(tmp_path):
    content = json.loads(accelforge.SHIPPED.read_text())
    content["cases"][0]["action_counts_component_tensor_action"] = {"MAC/None/compute": 7.0}
    (tmp_path / "off.json").write_text(json.dumps(content))
    off = accelforge.compare(tmp_path / "off.json")
    ours = {(row.case, row.metric): row.ours for row in accelforge.compare(None).rows}
    assert {(row.case, row.metric): row.ours for row in off.rows} == ours
    assert off.failed == 1


def test_a_chain_is_read_once_and_meant_again():
    first = workload_of(CHAIN, [])
    assert [einsum.name for einsum in first.einsums] == ["S", "O"]
    assert first.einsums[1].sizes == {"m": 512, "n": 512, "f": 64}
    assert workload_of("same attention-like chain, fused allowed", [GEMM, CHAIN]) == first


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a GEMM", "no width|no Einsum"),
        ("same long chain, fused", "has no Einsum"),
        ("C[m,n]=A[m,k]*B[k,n], M=N=4, 8 bits every tensor", "no size for k"),
        ("C[m,n]=A[m,k]*B[k,n], M=N=K=4", "says no width"),
    ],
)
def test_a_workload_that_says_too_little(text, message):
    with pytest.raises(InputError, match=message):
        workload_of(text, [GEMM, CHAIN])


def test_branches_share_what_stands_before_them():
    lines = [
        "store ['Q', 'Kt', 'V', 'O'] in DRAM",
        "temporal m tile 64",
        "store ['S'] in GLB",
        "sequential:",
        "temporal e tile 32",
        "compute QK on MAC",
        "spatial f extent 32 step 2 over PE.reuse_input",
        "compute AV on MAC",
    ]
    workload = workload_of(CHAIN, [])
    first, second = nests_of(lines, workload.einsums, machine_called("mini_tpu_64KiB"))
    common = (Temporal("m", 64), Storage("GLB", "S"))
    assert first == (Storage("DRAM", "Q"), Storage("DRAM", "Kt"), *common, Temporal("e", 32))
    assert second == (
        Storage("DRAM", "V"),
        Storage("DRAM", "O"),
        *common,
        Spatial("f", 2, 32, "PE.reuse_input", True),
    )


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["temporal m"], "no node of a mapping"),
        (["spatial m extent 4 step 1 over PE.reuse_inptu"], "has no array"),
        ([], "computes 0 Einsums"),
    ],
)
def test_a_mapping_that_is_none(lines, message):
    lines = [*lines, "compute C on MAC"] if lines else []
    with pytest.raises(InputError, match=message):
        nests_of(lines, workload_of(GEMM, []).einsums, machine_called("mini_tpu_64KiB"))


def test_an_uneven_mapping_becomes_a_nest_for_each_operand():
    text = (
        "{O: [[(D2, 4)], [(D0, 16)], [(D1, 2)]], I: [[(D2, 4), (D0, 16)], [(D1, 2)]], "
        "W: [[(D2, 4)], [(D0, 16), (D1, 2)]]}"
    )
    mapping, machine = uneven_of(text), machine_called("tpu_like_2MiB")
    unrolled = {"D1": "N", "D2": "K"}
    spatial = (Spatial("N", 1, 32, "D1"), Spatial("K", 4, 32, "D2"))
    assert nest_of(mapping, "O", machine, unrolled) == (
        Storage("dram", "O"),
        Temporal("N", 32),
        Storage("sram", "O"),
        Temporal("M", 1),
        *spatial,
        Storage("output_register", "O"),
        Temporal("K", 1),
    )
    # No register holds I: the array stands inside all loops, and a place's part of K is one element.
    assert nest_of(mapping, "I", machine, unrolled) == (
        Storage("dram", "I"),
        Temporal("N", 32),
        Storage("sram", "I"),
        Temporal("M", 1),
        Temporal("K", 32),
        Spatial("N", 1, 32, "D1"),
        Spatial("K", 1, 32, "D2"),
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("(D2, 4)", "(D2, 2)"), "the loops over K cover"),
        (("{O:", "{P:"), "no mapping of O, I and W"),
        (("I: [[(D2, 4), ", "I: [["), "different loops"),
    ],
)
def test_a_faulty_uneven_mapping_is_placed(tmp_path, change, message):
    content = json.loads(zigzag.SHIPPED.read_text())
    case = content["cases"][0]
    case["temporal_mapping_inner_to_outer"] = case["temporal_mapping_inner_to_outer"].replace(*change)
    (tmp_path / "off.json").write_text(json.dumps(content, indent=1))
    with pytest.raises(InputError, match=message) as caught:
        zigzag.compare(tmp_path / "off.json")
    assert caught.value.position is not None


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_machine_is_called_by_its_file(file):
    assert machine_called(file.stem).name == file.stem


def test_what_ships_is_the_reference_of_the_house_where_it_is():
    folder = Path(__file__).parents[3] / "shared/reference/mapper"
    if not folder.exists():
        pytest.skip("../shared/reference/mapper is not here")
    for name, reference in (("accelforge", accelforge), ("zigzag_gemm", zigzag)):
        assert (folder / f"{name}.json").read_text() == reference.SHIPPED.read_text()


def test_a_folder_is_searched_for_the_reference(tmp_path):
    with pytest.raises(InputError, match=r"no zigzag\*\.json"):
        zigzag.compare(tmp_path)
    for name, reference in (("zigzag_more", zigzag), ("accelforge", accelforge)):
        (tmp_path / f"{name}.json").write_text(reference.SHIPPED.read_text())
    assert zigzag.compare(tmp_path) == zigzag.compare(None)
    assert accelforge.compare(tmp_path) == accelforge.compare(None)


def test_a_machine_of_the_file_differs_in_its_sram(tmp_path):
    content = json.loads(zigzag.SHIPPED.read_text())
    content["machines"]["tpu_like_5MiB"] = {"sram_bits": 5 * 2**23}
    content["cases"] = [content["cases"][0] | {"machine": "tpu_like_5MiB"}]
    (tmp_path / "more.json").write_text(json.dumps(content))
    assert zigzag.compare(tmp_path / "more.json").failed == 0
    content["machines"] = {}
    (tmp_path / "more.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match="no machine 'tpu_like_5MiB'"):
        zigzag.compare(tmp_path / "more.json")
