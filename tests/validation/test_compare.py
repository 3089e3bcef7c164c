"""hwsim compare: every form of measurement ends as the same calls, and nothing is dropped without a word."""

from __future__ import annotations

import json
import sqlite3

import pytest

from hwsim.arch.load import load_arch
from hwsim.report.measured_page import render
from hwsim.spec.errors import InputError
from hwsim.validation.against import against
from hwsim.validation.measurements import read_measurements
from hwsim.validation.registry import SHIPPED

MM = {"Input Dims": [[64, 4096], [4096, 14336]], "Input type": ["c10::BFloat16", "c10::BFloat16"]}
CALL = "batch=1 m=64 n=14336 k=4096"
NVTX = "aten::mm, seq = 7, op_id = 3, sizes = [[64, 4096], [4096, 14336]]"


def operator(name, identity, **arguments):
    return {
        "cat": "cpu_op",
        "name": name,
        "dur": 30,
        "ts": identity,
        "tid": 1,
        "args": {"External id": identity, **arguments},
    }


def kernel(name, dur, **arguments):
    return {"cat": "kernel", "name": name, "dur": dur, "args": arguments}


def trace(tmp_path, *events):
    path = tmp_path / "trace.json"
    path.write_text(json.dumps({"traceEvents": [{"ph": "M", "name": "process_name"}, *events]}))
    return path


def compared(path, arch="h100_sxm"):
    return against(load_arch(arch), read_measurements(path)).as_json()


def test_kernels_of_a_torch_trace_find_their_operator_by_id_and_by_correlation(tmp_path):
    launch = {
        "cat": "cuda_runtime",
        "name": "cudaLaunchKernel",
        "dur": 5,
        "args": {"correlation": 9, "External id": 1},
    }
    path = trace(
        tmp_path,
        operator("aten::mm", 1, **MM),
        launch,
        kernel("nvjet_tst", 40.0, **{"External id": 1}),
        kernel("splitKreduce", 5.0, correlation=9),
        kernel("my_kernel", 3.0, correlation=77),
        operator("aten::index_select", 2, **{"Input Dims": [[5, 5]], "Input type": ["float"]}),
        kernel("gather", 2.0, **{"External id": 2}),
    )
    found = compared(path)
    assert [(row["op"], row["dims"], row["dtype"]) for row in found["rows"]] == [("gemm", CALL, "bf16")]
    assert found["rows"][0]["measured_s"] == pytest.approx(45e-6)
    assert [(each["kernel"], each["reason"]) for each in found["unmatched"]] == [
        ("my_kernel", "no operator known for this kernel"),
        ("gather", "no model for operator aten::index_select"),
    ]


def test_attention_and_rows_of_a_torch_trace(tmp_path):
    heads = {
        "Input Dims": [[4, 32, 2048, 128], [4, 8, 2048, 128], [4, 8, 2048, 128], [], []],
        "Concrete Inputs": ["", "", "", "0.", "True"],
    }
    inner = {"Input Dims": [[4, 2048, 32, 128], [4, 2048, 8, 128]], "Concrete Inputs": ["", "", "True"]}
    token = {"Input Dims": [[4, 32, 1, 128], [4, 8, 4096, 128], [4, 8, 4096, 128]]}
    half = {"Input type": ["c10::Half"] * 3}
    named = [
        ("aten::_flash_attention_forward", {**inner, **half}),
        ("aten::_scaled_dot_product_flash_attention", {**heads, **half}),
        ("aten::_scaled_dot_product_flash_attention", {**token, **half}),
        ("aten::_softmax", {"Input Dims": [[8, 128, 512], [], []], **half}),
        ("aten::add", {"Input Dims": [[128, 512], [512], []], **half}),
        ("aten::linear", {"Input Dims": [[2, 16, 512], [64, 512], [64]], **half}),
    ]
    events = []
    for place, (name, arguments) in enumerate(named):
        events += [operator(name, place, **arguments), kernel(f"k{place}", 100.0, **{"External id": place})]
    found = compared(trace(tmp_path, *events))
    assert [(row["op"], row["dims"]) for row in found["rows"]] == [
        ("attention_prefill", "kv_dtype=fp16 batch=4 seq=2048 heads=32 kv_heads=8 head_dim=128 causal=1"),
        ("attention_prefill", "kv_dtype=fp16 batch=4 seq=2048 heads=32 kv_heads=8 head_dim=128 causal=1"),
        ("attention_decode", "kv_dtype=fp16 batch=4 kv_len=4096 heads=32 kv_heads=8 head_dim=128"),
        ("softmax", "rows=1024 cols=512 n_in=1 n_out=1"),
        ("add", "rows=128 cols=512 n_in=1 n_out=1"),
        ("gemm", "batch=1 m=32 n=64 k=512"),
    ]
    assert not found["unmatched"]


def nccl(name, elements=1 << 20, **arguments):
    said = {"Collective name": name, "In msg nelems": elements, "Group size": 8, "dtype": "BFloat16"}
    return kernel(f"ncclDevKernel_{name}", 100.0, **{**said, **arguments})


def test_collectives_of_a_torch_trace_say_themselves_what_they_move(tmp_path):
    found = compared(
        trace(
            tmp_path,
            nccl("allreduce", **{"External id": 4}),
            nccl("all_to_allv"),
            nccl("_allgather_base"),
            nccl("allreduce", **{"Group size": 1}),
            nccl("allreduce", elements=0),
            kernel("ncclDevKernel_AllReduce_Sum_f16_RING_LL", 7.0),
        )
    )
    dims = "impl=nccl num_gpus=8 elements=1048576"
    assert [(row["op"], row["dims"], row["dtype"]) for row in found["rows"]] == [
        ("allreduce", dims, "bf16"),
        ("alltoall", dims, "bf16"),
    ]
    reasons = [each["reason"] for each in found["unmatched"]]
    for part in ("no model for operator nccl::_allgather_base", "of 1 GPUs", "empty", "records its size"):
        assert any(part in reason for reason in reasons), reasons


def test_elementwise_operators_of_a_trace_are_streams_of_as_many_tensors(tmp_path):
    half = {"Input type": ["c10::Half"] * 2}
    events = []
    for place, (name, dims) in enumerate(
        [("mul", [[8, 64], [8, 64]]), ("silu", [[8, 64]]), ("div", [[8, 64], []])]
    ):
        events += [
            operator(f"aten::{name}", place, **{"Input Dims": dims}, **half),
            kernel("k", 5.0, **{"External id": place}),
        ]
    rows = compared(trace(tmp_path, *events))["rows"]
    assert [(row["op"], row["dims"]) for row in rows] == [
        ("add", "rows=8 cols=64 n_in=2 n_out=1"),
        ("relu", "rows=8 cols=64 n_in=1 n_out=1"),
        ("add", "rows=8 cols=64 n_in=1 n_out=1"),
    ]


def test_an_operator_of_the_cpu_is_whole_whatever_runs_inside_it(tmp_path):
    def cpu(name, start, dur, **arguments):
        return {**operator(name, start, **arguments), "ts": start, "dur": dur}

    bias = {"Input Dims": [[64, 14336], [64, 14336]], "Input type": ["c10::BFloat16"] * 2}
    whole = {"Input Dims": [[14336], *MM["Input Dims"]], "Input type": ["c10::BFloat16"] * 3}
    events = [
        cpu("mine::layer", 0, 200),
        cpu("aten::addmm", 10, 80, **whole),
        cpu("aten::copy_", 20, 5, **bias),
        cpu("aten::resolve_conj", 30, 1),
        cpu("aten::fancy", 120, 30, **bias),
    ]
    found = compared(trace(tmp_path, *events), "cpu_host")
    assert [(row["dims"], row["measured_s"]) for row in found["rows"]] == [(CALL, pytest.approx(80e-6))]
    assert [each["kernel"] for each in found["unmatched"]] == ["aten::fancy"]


def test_a_trace_of_the_cpu_counts_the_innermost_operators_with_shapes(tmp_path):
    outer = {
        "cat": "cpu_op",
        "name": "aten::linear",
        "ts": 0,
        "dur": 100,
        "tid": 1,
        "args": {"External id": 1},
    }
    inner = {
        "cat": "cpu_op",
        "name": "aten::mm",
        "ts": 10,
        "dur": 80,
        "tid": 1,
        "args": {"External id": 2, **MM},
    }
    found = compared(trace(tmp_path, outer, inner), "cpu_host")
    assert [(row["dims"], row["measured_s"]) for row in found["rows"]] == [(CALL, pytest.approx(80e-6))]


NSYS_TABLES = {
    "StringIds": "id INTEGER, value TEXT",
    "CUPTI_ACTIVITY_KIND_KERNEL": "start INTEGER, end INTEGER, correlationId INTEGER, demangledName INTEGER",
    "CUPTI_ACTIVITY_KIND_RUNTIME": "start INTEGER, end INTEGER, correlationId INTEGER, globalTid INTEGER",
    "NVTX_EVENTS": "start INTEGER, end INTEGER, globalTid INTEGER, text TEXT, textId INTEGER",
}


def nsys_sqlite(path, text=NVTX):
    with sqlite3.connect(path) as database:
        for name, columns in NSYS_TABLES.items():
            database.execute(f"CREATE TABLE {name} ({columns})")
        strings = [(1, "sm90_xmma_gemm_bf16bf16"), (2, "splitK"), (3, "mystery")]
        kernels = [(1000, 41000, 1, 1), (41000, 46000, 2, 2), (50000, 51000, 3, 3)]
        launches = [(120, 130, 1, 5), (140, 150, 2, 5), (500, 510, 3, 5)]
        database.executemany("INSERT INTO StringIds VALUES (?, ?)", strings)
        database.executemany("INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (?, ?, ?, ?)", kernels)
        database.executemany("INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (?, ?, ?, ?)", launches)
        database.execute("INSERT INTO NVTX_EVENTS VALUES (100, 200, 5, ?, NULL)", (text,))
        database.execute("INSERT INTO NVTX_EVENTS VALUES (100, 900, 6, 'aten::other', NULL)")
    return path


def test_kernels_of_an_nsys_export_find_the_range_they_were_launched_in(tmp_path):
    found = compared(nsys_sqlite(tmp_path / "r.sqlite"))
    assert [(row["dims"], row["dtype"]) for row in found["rows"]] == [(CALL, "bf16")]
    assert found["rows"][0]["measured_s"] == pytest.approx(45e-6)
    assert [each["kernel"] for each in found["unmatched"]] == ["mystery"]


NSYS = (
    "Processing [r.sqlite] with nvtx_kern_sum.py\n"
    "NVTX Range,Style,PID,TID,NVTX Inst,Kern Inst,Total Time (ns),Avg (ns),Kernel Name\n"
    f'"{NVTX}",PushPop,1,1,2,2,90000,45000,sm90_gemm_f16\n'
    ",,,,,1,3000,3000,mystery\n"
)
NCU_LONG = (
    "==PROF== Connected\n"
    '"ID","Kernel Name","thread Domain:Push/Pop_Range","Metric Name","Metric Unit","Metric Value"\n'
    f'"0","gemm_f16","{NVTX}","Duration","us","45.0"\n'
    f'"0","gemm_f16","{NVTX}","SM Frequency","Ghz","1.7"\n'
    '"1","mystery","","Duration","ns","3,000"\n'
)
NCU_WIDE = (
    '"ID","Kernel Name","thread Domain:Push/Pop_Range","gpu__time_duration.sum"\n'
    '"","","","ns"\n'
    f'"0","gemm_f16","{NVTX}","45000"\n"1","mystery","","3000"\n'
)


@pytest.mark.parametrize("text", [NSYS, NCU_LONG, NCU_WIDE])
def test_tables_of_nsight_with_ranges(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text)
    found = compared(path)
    assert [(row["dims"], row["dtype"]) for row in found["rows"]] == [(CALL, "fp16")]
    assert found["rows"][0]["measured_s"] == pytest.approx(45e-6)
    assert [(each["kernel"], each["total_s"]) for each in found["unmatched"]] == [
        ("mystery", pytest.approx(3e-6))
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.json", '{"traceEvents": [', "no JSON"),
        ("t.json", '{"a": 1}', "traceEvents"),
        ("t.json", '{"traceEvents": [{"cat": "kernel", "name": "k", "dur": 1}]}', r"record_shapes=True"),
        ("t.csv", "Start (ns),Duration (ns),Name\n1,2,k\n", "emit_nvtx"),
        ("t.csv", "Start,Duration (h),Name\n1,2,k\n", "time and its unit"),
        ("t.csv", "Start (ns),Duration (ns),Name\n1,x,k\n", "'x' is no time"),
        ("t.sqlite", b"SQLite format 3\x00" + b"x" * 200, "no export of Nsight Systems"),
        ("t.csv", "op,dtype,batch,m,n,k,latency_ms\ngemm,fp16,1,2,3,4,5\n", "multiply 'latency_ms'"),
        ("t.csv", "op,dtype,batch,m,n,k\ngemm,fp16,1,2,3,4\n", "'latency_us'"),
        ("t.csv", "op,dtype,dims,Time\ngemm,fp16,batch=1 m=2 n=3 k=4,5\n", "if 'Time' is it"),
        ("t.csv", "op,dtype,dims,latency_s\ngemm,fp16,batch=1 m=2 n=3 k=4,5\n", "by 1e.06"),
        ("t.csv", "op,dtype,dims,latency_us\ngemm,fp16,batch=1 m=2 n=3,5\n", "dims: 'k' is missing"),
        ("t.csv", "op,dtype,dims,latency_us\n", "no rows"),
        ("t.json", "[]", "no kernels or operators"),
        ("t.csv", "op,dtype,dims,latency_us\ngemm,fp16,m:3,5\n", "list of name=value"),
        ("t.csv", "op,dtype,dims,latency_us\ngemm,fp16,batch=1 m=2 n=3 k=4,-5\n", "no time above 0"),
        ("t.csv", "op,dtype,dims,latency_us\ngemm,fp16,batch=1 m=200000 n=200000 k=90000,5\n", "needs 1.*GB"),
    ],
)
def test_input_at_fault_is_refused_with_its_place_and_a_way_out(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message) as caught:
        compared(path)
    assert caught.value.position is not None


def test_a_datatype_the_gpu_lacks_is_refused_at_its_row(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("op,dtype,dims,latency_us\ngemm,fp8,batch=1 m=2 n=3 k=4,5\n")
    with pytest.raises(InputError, match="A100-SXM4-80GB has no fp8") as caught:
        compared(path, "a100_sxm")
    assert caught.value.position.line == 2


def test_a_machine_nothing_was_fitted_on_says_that_it_is_extrapolated():
    path = SHIPPED / "gpu" / "allreduce.csv"
    assert any(
        "extrapolated: none of collective was fitted on B200" in note
        for note in compared(path, "b200_sxm")["notes"]
    )
    assert not any("extrapolated" in note for note in compared(path)["notes"])


def test_errors_are_those_of_the_rows_and_impossible_rows_are_found():
    found = compared(SHIPPED / "gpu" / "allreduce.csv")
    apart = [row["ape"] for row in found["rows"]]
    assert found["mape"] == pytest.approx(sum(apart) / len(apart))
    assert found["by_op"][0]["n"] == len(apart) == 126
    assert "63 rows were measured on another machine: A100-SXM4-80GB" in found["notes"][0]
    slower = compared(SHIPPED / "gpu" / "allreduce.csv", "a100_sxm")
    assert not found["audit"]
    assert slower["audit"]
    assert all(row["ratio"] > 1 for row in slower["audit"])


def test_the_page_holds_every_table_and_escapes_names(tmp_path):
    path = trace(
        tmp_path,
        operator("aten::mm", 1, **MM),
        kernel("<b>", 40.0, **{"External id": 1}),
        kernel("<i>x", 1.0),
    )
    page = render(compared(path), "<source>")
    assert "<i>x" not in page
    assert "&lt;i&gt;x" in page
    assert "&lt;source&gt;" in page
