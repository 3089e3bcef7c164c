"""Run SCALE-Sim 3.0.0 on single layers: JSON lines in, JSON lines out.

Runs with the interpreter of an environment that has scalesim==3.0.0 and numpy==1.26.4 (it fails with
numpy 2), never with ours: ``PEER/bin/python benchmarks/scalesim_peer.py < layers.jsonl``. A line in has the
input columns of ``hwsim/validation/data/scalesim.csv``; a line out its reference columns and ``seconds``, the
wall time of SCALE-Sim's own run (simulation and reports, traces off) without process start and imports.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import time
from pathlib import Path

from scalesim.scale_sim import scalesim

CONFIG = """[general]
run_name = peer
[architecture_presets]
ArrayHeight = {array_h}
ArrayWidth = {array_w}
IfmapSramSzkB = {ifmap_sram_kb}
FilterSramSzkB = {filter_sram_kb}
OfmapSramSzkB = {ofmap_sram_kb}
IfmapOffset = 0
FilterOffset = 10000000
OfmapOffset = 20000000
Dataflow = {dataflow}
Bandwidth = {ofmap_bw}
ReadRequestBuffer = 512
WriteRequestBuffer = 512
[layout]
IfmapCustomLayout = False
FilterCustomLayout = False
IfmapSRAMBankBandwidth = {ifmap_bw}
IfmapSRAMBankNum = 1
IfmapSRAMBankPort = 2
FilterSRAMBankBandwidth = {filter_bw}
FilterSRAMBankNum = 1
FilterSRAMBankPort = 2
[sparsity]
SparsitySupport = false
[run_presets]
InterfaceBandwidth = {bw_mode}
UseRamulatorTrace = False
"""
CONV = ["ifmap_h", "ifmap_w", "filter_h", "filter_w", "channels", "num_filters", "stride"]
DETAIL = {2: "sram_ifmap_reads", 5: "sram_filter_reads", 8: "sram_ofmap_writes"}
DETAIL |= {11: "dram_ifmap_reads", 14: "dram_filter_reads", 17: "dram_ofmap_writes"}


def topology(layer: dict) -> str:
    """The topology file of one layer."""
    if layer["kind"] == "gemm":
        return "Layer,M,N,K,\nlayer,{M},{N},{K},\n".format(**layer)
    sizes = ",".join(str(layer[name]) for name in CONV)
    return f"Layer,IFMAP H,IFMAP W,Filter H,Filter W,Channels,Filters,Stride,\nlayer,{sizes},\n"


def run(layer: dict, folder: Path) -> dict:
    """One layer, simulated from files as a user of SCALE-Sim would write them."""
    # SCALE-Sim parses a layout file even where custom layouts are off.
    files = {"c.cfg": CONFIG.format(**{"ifmap_bw": 10, "filter_bw": 10, "ofmap_bw": 10} | layer)}
    files |= {"t.csv": topology(layer), "l.csv": "layer," + "1," * 21 + "\n"}
    for name, text in files.items():
        (folder / name).write_text(text)
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        simulator = scalesim(
            save_disk_space=True,
            verbose=False,
            config=str(folder / "c.cfg"),
            topology=str(folder / "t.csv"),
            layout=str(folder / "l.csv"),
            input_type_gemm=layer["kind"] == "gemm",
        )
        simulator.run_scale(top_path=str(folder))
    seconds = time.perf_counter() - start
    done = simulator.runner.single_layer_sim_object_list[0]
    compute, detail = done.get_compute_report_items(), done.get_detail_report_items()
    found = {
        "total_cycles": int(compute[1]),
        "stall_cycles": int(compute[2]),
        "mapping_eff": float(compute[4]),
    }
    return found | {name: int(detail[at]) for at, name in DETAIL.items()} | {"seconds": seconds}


def main() -> None:
    """Answer each line of standard input."""
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin:
            print(json.dumps(run(json.loads(line), Path(folder))), flush=True)


if __name__ == "__main__":
    main()
