"""The published figures of FuseMax, row by row, and FLAT's published dataflows."""

from __future__ import annotations

import csv
import importlib
from collections import Counter
from pathlib import Path

import pytest

from hwsim.arch.load import load_arch
from hwsim.einsum.read import load_cascade
from hwsim.mapping.fused.configurations import CONFIGURATIONS, FLAT
from hwsim.mapping.fused.dataflow import (
    OPERANDS,
    Dataflow,
    best_dataflow,
    matmul_cycles,
    spilled_fraction,
    words,
)
from hwsim.mapping.fused.flat import flat_problem
from hwsim.mapping.fused.machine import two_array_machine
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.spec.errors import InputError
from hwsim.spec.library import find
from hwsim.validation.fusemax_layers import MODELS, attention, linear, whole_layer
from hwsim.validation.references.fusemax import averages, compare, tokens

REFERENCE = Path(__file__).parents[2] / "../shared/reference/fusemax"
HEADER = "table,config,model,seq_len,metric,value,unit\n"
needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason="needs ../shared/reference/fusemax")


@needs_reference
def test_every_published_row_is_within_tolerance():
    found = compare(REFERENCE / "published.csv")
    assert len(found.rows) == 1086
    assert [row for row in found.rows if row.failed] == []
    judged = Counter(row.metric for row in found.rows if row.tolerance is not None)
    assert (judged["latency"], judged["traffic"], judged["energy"]) == (144, 60, 144)


@needs_reference
def test_fitting_lengths_reproduce_latency_and_traffic_to_the_last_digits():
    rows = [
        row
        for row in compare(REFERENCE / "published.csv").rows
        if row.tolerance == 0.01 and not (row.case.split("/")[1] == "unfused" and row.case.endswith("256K"))
    ]
    assert len(rows) > 150
    assert max(abs(row.error) for row in rows) < 1e-12


@needs_reference
def test_the_report_is_what_the_figures_give(monkeypatch):
    reports = Path(__file__).parents[2] / "reports"
    monkeypatch.syspath_prepend(str(reports))
    page = importlib.import_module("fusemax_page").fusemax_page(REFERENCE / "published.csv")
    assert page == (reports / "fusemax.md").read_text()


@needs_reference
def test_the_search_finds_flats_published_dataflows():
    machine = two_array_machine(load_arch("flat_cloud"))
    cascade = load_cascade(find("cascade", FLAT.cascade))
    same = 0
    for record in csv.DictReader((REFERENCE / "flat_configs.csv").read_text().splitlines()):
        batch, heads, P, M, E, F = (int(record[key]) for key in "BHPMEF")
        problem = flat_problem(
            machine,
            FLAT,
            cascade,
            AttentionShape(batch, heads, P, M, E, F).sizes(machine.rows),
        )
        published = Dataflow(
            rows=P if record["fusion_granularity"] == "head" else int(record["P1"]),
            stationarity=record["QK_stationarity"],
            resident=frozenset(name for name in OPERANDS if record[f"{name}_loc"] == "onchip"),
            scores_resident=record["QK_loc"] == "onchip",
        )
        ours = best_dataflow(problem, batch * heads)
        assert spilled_fraction(problem, published) == pytest.approx(float(record["proportion_spilled"]))
        assert words(problem, ours) == words(problem, published)
        assert matmul_cycles(problem, ours, batch * heads) <= matmul_cycles(problem, published, batch * heads)
        same += ours == published
    assert same == 45  # at 128K and E = 64 a resident AV costs the same and saves a tile at the start


def test_averages_over_the_papers_grid_are_those_published():
    inside, layer = averages()
    assert inside.startswith("average over 24 points, attention: 6.72 x FLAT (published 6.7 x)")
    assert layer.startswith("average over 24 points, end to end: 5.30 x FLAT (published 5.3 x)")


@pytest.mark.parametrize("length", ["512", "1K", "4K", "64K", "1M"])
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_any_length_can_be_asked_for(tmp_path, name, length):
    path = tmp_path / "rows.csv"
    cases = [f"{table},{name},{model},{length}" for table in ("attention", "end2end") for model in MODELS]
    path.write_text(HEADER + "".join(f"{case},latency,0.5,s\n{case},energy,,pJ\n" for case in cases))
    found = compare(path)
    assert [row.case for row in found.rows[::2]] == [case.replace(",", "/") for case in cases]
    assert all(row.ours > 0 for row in found.rows)
    assert all(row.error is None and not row.failed for row in found.rows[1::2])


def test_a_layer_is_its_attention_and_its_linear_layers():
    whole, (_, inside) = whole_layer("fusemax", "T5", 4096), attention("fusemax", "T5", 4096)
    around = linear("fusemax_hw", "T5", 4096)
    assert whole.latency_s == inside.latency_s + around.latency_s
    assert whole.energy_j == pytest.approx(inside.energy_j + around.energy_j)


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("attention,flat,BERT,1k,latency,1,s", 21, "'1k' is no length"),
        ("attention,flat,BERT,1G,latency,1,s", 21, "'1G' is no length"),
        ("attention,flatt,BERT,1K,latency,1,s", 11, "unknown 'flatt'"),
        ("atention,flat,BERT,1K,latency,1,s", 1, "unknown 'atention'"),
        ("attention,flat,BIRD,1K,latency,1,s", 16, "unknown 'BIRD'"),
        ("attention,flat,BERT,1K,latncy,1,s", 24, "unknown 'latncy'"),
        ("linear_layers,flat,BERT,1K,latency,1,s", 15, "unknown 'flat'"),
    ],
)
def test_a_row_that_names_nothing_known_is_refused_with_its_place(tmp_path, line, column, message):
    path = tmp_path / "rows.csv"
    path.write_text(HEADER + line + "\n")
    with pytest.raises(InputError, match=message) as caught:
        compare(path)
    position = caught.value.position
    assert (position.line, position.column) == (2, column)


@pytest.mark.parametrize(("text", "number"), [("512", 512), ("1K", 1024), ("1M", 2**20), ("256K", 262144)])
def test_lengths_are_powers_of_two_behind_a_letter(text, number):
    assert tokens(text) == number
