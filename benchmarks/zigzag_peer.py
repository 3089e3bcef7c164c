"""Run ZigZag on one product on the machine of our reference cases: sizes in, one JSON line out.

Runs with the interpreter of an environment that has zigzag-dse==3.9.1 and six, never with ours:
``PEER/bin/python benchmarks/zigzag_peer.py M N K SRAM_BITS``. The machine is that of
``hwsim/validation/machines/tpu_like_2MiB.yaml``; files go into the working folder.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

import yaml
from zigzag.api import get_hardware_performance_zigzag


def port(name: str, kind: str, bits: tuple[int, int], *served: str) -> dict[str, object]:
    """A port of ``bits`` (least, most)."""
    least, most = bits
    return {
        "name": name,
        "type": kind,
        "bandwidth_min": least,
        "bandwidth_max": most,
        "allocation": list(served),
    }


def memory(
    size: int, costs: tuple[float, float], operands: list[str], ports: list[object], served: list[str]
) -> object:
    """A memory with its costs of a read and a write, in picojoules."""
    return {
        "size": size,
        "r_cost": costs[0],
        "w_cost": costs[1],
        "area": 0.0,
        "latency": 1,
        "operands": operands,
        "ports": ports,
        "served_dimensions": served,
    }


def accelerator(sram_bits: int) -> dict[str, object]:
    """The machine."""
    weights = [
        port("r_port_1", "read", (8, 8), "I2, tl"),
        port("w_port_1", "write", (8, 8), "I2, fh"),
    ]
    sums = [
        port("r_port_1", "read", (16, 16), "O, tl"),
        port("r_port_2", "read", (16, 16), "O, th"),
        port("w_port_1", "write", (16, 16), "O, fh"),
        port("w_port_2", "write", (16, 16), "O, fl"),
    ]
    sram = [
        port("r_port_1", "read", (64, 2048), "I1, tl", "O, tl", "O, th"),
        port("w_port_1", "write", (64, 2048), "I1, fh", "O, fh", "O, fl"),
    ]
    every = ["I1, fh", "I1, tl", "I2, fh", "I2, tl", "O, fh", "O, tl", "O, fl", "O, th"]
    dram = [port("rw_port_1", "read_write", (64, 64), *every)]
    return {
        "name": "tpu_like",
        "memories": {
            "rf_w": memory(1024, (0.095, 0.095), ["I2"], weights, []),
            "rf_o": memory(16, (0.021, 0.021), ["O"], sums, []),
            "sram": memory(sram_bits, (416.16, 378.4), ["I1", "O"], sram, ["D1", "D2"]),
            "dram": memory(10**10, (700.0, 750.0), ["I1", "I2", "O"], dram, ["D1", "D2"]),
        },
        "operational_array": {
            "unit_energy": 0.04,
            "unit_area": 1.0,
            "dimensions": ["D1", "D2"],
            "sizes": [32, 32],
            "systolic_dimensions": ["D1", "D2"],
        },
    }


def main() -> None:
    """Write the inputs, search for least energy, print what was found and how long it took."""
    M, N, K, sram_bits = (int(each) for each in sys.argv[1:5])
    logging.disable(logging.CRITICAL)
    workload = [
        {
            "id": 0,
            "name": "gemm",
            "operator_type": "Gemm",
            "equation": "O[d0][d1]+=I[d0][d2]*W[d2][d1]",
            "dimension_relations": [],
            "loop_dims": ["D0", "D1", "D2"],
            "loop_sizes": [M, N, K],
            "operand_precision": {"W": 8, "I": 8, "O": 16, "O_final": 8},
            "operand_source": {"I": 0, "W": 0},
        }
    ]
    mapping = [
        {
            "name": "default",
            "spatial_mapping": {"D1": ["D1, 32"], "D2": ["D2, 32"]},
            "memory_operand_links": {"O": "O", "W": "I2", "I": "I1"},
        }
    ]
    for name, content in (("machine", accelerator(sram_bits)), ("workload", workload), ("mapping", mapping)):
        Path(f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    started = time.perf_counter()
    energy, latency, _ = get_hardware_performance_zigzag(
        "workload.yaml",
        "machine.yaml",
        "mapping.yaml",
        opt="energy",
        dump_folder="out",
        loma_show_progress_bar=False,
    )
    print(
        json.dumps(
            {"energy_pj": energy, "latency_cycles": latency, "search_s": time.perf_counter() - started}
        )
    )


if __name__ == "__main__":
    main()
