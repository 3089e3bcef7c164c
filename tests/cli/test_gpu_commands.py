"""The commands around measured kernels: contracts of their JSON, exit status, bad input."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from hwsim.cli.app import build
from hwsim.validation.registry import SHIPPED

ALLREDUCE = str(SHIPPED / "gpu" / "allreduce.csv")
TABLE = """\
op,dtype,dims,latency_us
gemm,fp16,batch=1 m=64 n=4096 k=4096,20
gemm,fp16,batch=1 m=64 n=8192 k=8192,10
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(TABLE)
    return path


def answer(*arguments):
    done = CliRunner().invoke(build(), list(arguments))
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_compare_answers_as_its_contract_says(table):
    found = answer("compare", "--arch", "h100_sxm", "--measured", str(table), "--json", "-")
    assert {"hwsim", "schema", "inputs", "mape", "by_op", "rows", "audit", "unmatched"} <= set(found)
    assert set(found["by_op"][0]) >= {"op", "n", "mape", "median_ape", "p90_ape", "bias"}
    assert set(found["rows"][0]) >= {"op", "dims", "dtype", "measured_s", "estimated_s", "ape"}
    assert [row["dims"] for row in found["audit"]] == ["batch=1 m=64 n=8192 k=8192"]


def test_compare_prints_a_table_and_writes_a_page(table, tmp_path):
    page = tmp_path / "c.html"
    done = CliRunner().invoke(
        build(), ["compare", "--arch", "h100_sxm", "--measured", str(table), "--report", str(page)]
    )
    assert done.exit_code == 0, done.output
    assert "faster than physics allows" in done.output
    assert page.read_text().startswith("<!doctype html>")


def test_validate_gpu_has_errors_in_and_out_of_sample():
    found = answer("validate", "gpu", "--data", ALLREDUCE, "--json", "-")
    assert found["n"] == len(found["rows"]) == 126
    (line,) = found["targets"]
    assert line["group"] == "all-reduce"
    assert line["unseen_shapes"] < line["target"] < line["roofline"]
    assert len(found["groups"]) == 2


def test_calibrate_says_how_much_better_the_fit_is():
    (line,) = answer("calibrate", "--data", ALLREDUCE, "--json", "-")["families"]
    assert line["family"] == "collective"
    assert line["mape_after"] < 15


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("compare", "--arch", "tpu_v1", "--measured", ALLREDUCE), "no GPU or CPU"),
        (("compare", "--arch", "h100_sxm", "--measured", "none.csv"), "none.csv"),
        (("profile", "--suite", "gem", "-o", "p.csv"), "no suite"),
        (("calibrate", "--data", "none"), "none"),
    ],
)
def test_input_at_fault_ends_in_one_message(arguments, message):
    from hwsim.spec.errors import InputError

    done = CliRunner().invoke(build(), list(arguments))
    assert done.exit_code == 2 or isinstance(done.exception, InputError)
    assert message in str(done.exception) + done.output
