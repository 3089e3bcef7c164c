"""SCALE-Sim's own files run as they are: its cycles without stalls are our compute cycles."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

from typer.testing import CliRunner

import hwsim
from hwsim.arch.scalesim_cfg import DATAFLOWS
from hwsim.cli.app import build
from hwsim.engines.systolic.folds import compute_cycles
from hwsim.validation.registry import SHIPPED

CONFIGURATION = """\
[general]
run_name = {case}
[architecture_presets]
ArrayHeight:    {array_h}
ArrayWidth:     {array_w}
IfmapSramSzkB:  {ifmap_sram_kb}
FilterSramSzkB: {filter_sram_kb}
OfmapSramSzkB:  {ofmap_sram_kb}
Dataflow : {dataflow}
Bandwidth : 10
[run_presets]
InterfaceBandwidth: CALC
"""
GEMM = "Layer,M,N,K,\nlayer,{M},{N},{K},\n"
CONV = (
    "Layer,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,Num Filter,Strides,\n"
    "layer,{ifmap_h},{ifmap_w},{filter_h},{filter_w},{channels},{num_filters},{stride},\n"
)
ROWS = list(csv.DictReader((SHIPPED / "scalesim.csv").open()))


def _files(folder: Path, row: dict[str, str]) -> tuple[str, str]:
    (folder / "array.cfg").write_text(CONFIGURATION.format(**row))
    (folder / "layer.csv").write_text((GEMM if row["kind"] == "gemm" else CONV).format(**row))
    return str(folder / "array.cfg"), str(folder / "layer.csv")


def test_every_row_of_the_table_through_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app, runner = build(), CliRunner()
    for row in ROWS:
        arch, topology = _files(tmp_path, row)
        done = runner.invoke(app, ["run", "--arch", arch, "--workload", topology, "--json", "r.json"])
        assert done.exit_code == 0, done.output
        (op,) = json.loads((tmp_path / "r.json").read_text())["ops"]
        assert op["compute_cycles"] == int(row["total_cycles"]) - int(row["stall_cycles"]) + 1, row["case"]
        assert op["stall_cycles"] == 0


def test_random_arrays_and_layers_never_take_more_than_the_closed_form(tmp_path):
    dice = random.Random(7)
    for _ in range(60):
        sizes = [dice.choice((1, 3, 17, 64, 197, 512)) for _ in range(3)]
        rows, columns = dice.choice((1, 4, 7, 32, 128)), dice.choice((1, 4, 5, 16, 128))
        dataflow = dice.choice(tuple(DATAFLOWS))
        srams = {f"{role}_sram_kb": dice.choice((1, 2, 64)) for role in ("ifmap", "filter", "ofmap")}
        row = {
            "case": "x",
            "array_h": rows,
            "array_w": columns,
            "dataflow": dataflow,
            "kind": "gemm",
            **srams,
        }
        files = _files(tmp_path, row | dict(zip("MNK", sizes, strict=True)))
        (op,) = hwsim.simulate(*files).json["ops"]
        assert op["compute_cycles"] == compute_cycles(rows, columns, DATAFLOWS[dataflow], *sizes)


def test_a_given_bandwidth_limits_and_a_calculated_one_does_not(tmp_path):
    row = next(row for row in ROWS if row["kind"] == "gemm" and int(row["M"]) * int(row["K"]) > 5000)
    arch, topology = _files(tmp_path, row)
    free = hwsim.simulate(arch, topology).json
    limited_file = tmp_path / "limited.cfg"
    limited_file.write_text(Path(arch).read_text().replace("CALC", "USER").replace("h : 10", "h : 1,2,3"))
    limited = hwsim.simulate(str(limited_file), topology).json
    assert free["ops"][0]["stall_cycles"] == 0 < limited["ops"][0]["stall_cycles"]
    assert limited["cycles"] >= limited["dram_bytes"]
