"""A small accounting of a transformer on a TPU-like machine that writes result documents for the tests.

Every total is the sum of its parts, as in a real result, so that tests can check what the report adds up.
"""

from __future__ import annotations

import math
from typing import Any

CLOCK = 700e6
ROWS = COLUMNS = 256
LANES = 256
BANDWIDTH = {"dram": 34e9, "buffer": 180e9}
ENERGY = {
    ("array", "mac"): (0.2e-12, "Horowitz, ISSCC 2014, 8-bit multiply and add"),
    ("vector", "operation"): (0.9e-12, "Horowitz, ISSCC 2014, 16-bit float add and multiply"),
    ("buffer", "read"): (1.6e-12, "SRAM model, 24 MiB, 64 B wide"),
    ("buffer", "write"): (1.8e-12, "SRAM model, 24 MiB, 64 B wide"),
    ("dram", "read"): (39e-12, "DDR3, 4.9 pJ/bit"),
    ("dram", "write"): (39e-12, "DDR3, 4.9 pJ/bit"),
}
LEAKAGE = {"array": 1.9, "vector": 0.1, "buffer": 3.2}
AREA = {"array": 79.0, "vector": 20.0, "buffer": 96.0}
BAND = "±0 % cycles (SCALE-Sim, 136 cases)"


def sample(layers: int = 2, hidden: int = 512, tokens: int = 128, clock: float = CLOCK) -> dict[str, Any]:
    """The result of ``layers`` transformer layers and a classifier."""
    ops: list[dict[str, Any]] = []
    for name, kind, shape in operators(layers, hidden, tokens):
        start = ops[-1]["start_s"] + ops[-1]["latency_s"] if ops else 0.0
        ops.append(operator(name, kind, shape, len(ops), start, clock))
    return document(ops, clock)


def operators(layers: int, hidden: int, tokens: int) -> list[tuple[str, str, tuple[int, int, int]]]:
    """Name, kind and (M, N, K) of each operator."""
    found: list[tuple[str, str, tuple[int, int, int]]] = []
    for layer in range(layers):
        at = f"encoder.{layer}."
        found += [(f"{at}{one}_proj", "matmul", (tokens, hidden, hidden)) for one in ("q", "k", "v")]
        found.append((f"{at}scores", "matmul", (tokens, tokens, hidden)))
        found.append((f"{at}softmax", "softmax", (tokens, tokens, 1)))
        found.append((f"{at}context", "matmul", (tokens, hidden, tokens)))
        found.append((f"{at}o_proj", "matmul", (tokens, hidden, hidden)))
        found.append((f"{at}norm", "layer_norm", (tokens, hidden, 1)))
        found.append((f"{at}up_proj", "matmul", (tokens, 4 * hidden, hidden)))
        found.append((f"{at}gelu", "gelu", (tokens, 4 * hidden, 1)))
        found.append((f"{at}down_proj", "matmul", (tokens, hidden, 4 * hidden)))
    return [*found, ("classifier", "matmul", (tokens, 1000, hidden))]


def operator(
    name: str, kind: str, shape: tuple[int, int, int], step: int, start: float, clock: float
) -> dict[str, Any]:
    m, n, k = shape
    macs = m * n * k if kind == "matmul" else 0
    component = "array" if macs else "vector"
    ideal = math.ceil(macs / (ROWS * COLUMNS)) if macs else math.ceil(m * n / LANES)
    compute = math.ceil(n / COLUMNS) * math.ceil(k / ROWS) * (m + 2 * ROWS) if macs else 4 * ideal
    moved = {"dram": k * n if macs else 0, "buffer": m * k + k * n + m * n}
    waits = {memory: math.ceil(moved[memory] / BANDWIDTH[memory] * clock) for memory in moved}
    stall = max(0, max(waits.values()) - compute)
    cycles = compute + stall
    bound_by = max(waits, key=lambda memory: waits[memory]) if stall else "compute"
    actions = priced(component, macs or m * n, m * k, k * n, m * n, moved["dram"])
    return {
        "name": name,
        "kind": kind,
        "component": component,
        "step": step,
        "start_s": start,
        "latency_s": cycles / clock,
        "cycles": cycles,
        "compute_cycles": compute,
        "stall_cycles": stall,
        "stalls": {"fill": stall // 5, "bandwidth": stall - stall // 5, "capacity": 0, "drain": 0},
        "bound_by": bound_by,
        "lower_bound_cycles": max(ideal, waits["dram"]),
        "utilization": ideal / cycles,
        "macs": macs,
        "dram_bytes": moved["dram"],
        "traffic": moved,
        "energy_j": sum(action["energy_j"] for action in actions),
        "error_band": BAND if macs else "unvalidated",
        "mapping": f"weight_stationary, {math.ceil(k / ROWS)} x {math.ceil(n / COLUMNS)} folds"
        if macs
        else None,
        "actions": actions,
    }


def priced(component: str, work: int, left: int, right: int, out: int, fetched: int) -> list[dict[str, Any]]:
    counts = [
        (component, "mac" if component == "array" else "operation", "output", work),
        ("buffer", "read", "input", left),
        ("buffer", "read", "weight", right),
        ("buffer", "write", "output", out),
        ("dram", "read", "weight", fetched),
    ]
    return [
        {
            "component": one,
            "action": act,
            "tensor": tensor,
            "count": count,
            "energy_j": count * ENERGY[one, act][0],
        }
        for one, act, tensor, count in counts
        if count
    ]


def totals(ops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    counts: dict[tuple[str, str, str], int] = {}
    for op in ops:
        for action in op["actions"]:
            key = (action["component"], action["action"], action["tensor"])
            counts[key] = counts.get(key, 0) + action["count"]
    return [
        {
            "component": component,
            "action": action,
            "tensor": tensor,
            "count": count,
            "energy_per_action_j": ENERGY[component, action][0],
            "energy_j": count * ENERGY[component, action][0],
            "source": ENERGY[component, action][1],
        }
        for (component, action, tensor), count in counts.items()
    ]


def document(ops: list[dict[str, Any]], clock: float) -> dict[str, Any]:
    latency = max(op["start_s"] + op["latency_s"] for op in ops)
    actions = totals(ops)
    components = [
        component(name, ops, actions, latency, clock)
        for name in ("chip", "array", "vector", "buffer", "dram")
    ]
    dynamic = sum(action["energy_j"] for action in actions)
    leakage = sum(one["leakage_energy_j"] or 0 for one in components)
    macs = sum(op["macs"] for op in ops)
    fetched = sum(op["dram_bytes"] for op in ops)
    bounds = [
        {"resource": "array compute", "latency_s": macs / (ROWS * COLUMNS * clock)},
        {"resource": "dram traffic", "latency_s": fetched / BANDWIDTH["dram"]},
        {
            "resource": "buffer traffic",
            "latency_s": sum(op["traffic"]["buffer"] for op in ops) / BANDWIDTH["buffer"],
        },
    ]
    return {
        "hwsim": "0.1.0",
        "schema": 1,
        "inputs": {
            "arch": {
                "name": "tpu_like",
                "file": "arch_configs/systolic/tpu_like.yaml",
                "hash": "sha256:" + "3f" * 32,
            },
            "workload": {"name": "encoder", "file": "workloads/encoder.yaml", "hash": "sha256:" + "a1" * 32},
            "mapping": {"name": "default", "file": None, "hash": None},
        },
        "fidelity": "analytical",
        "arch": "tpu_like",
        "workload": "encoder",
        "parameters": {"batch": 1, "sequence": 128},
        "technology": "28 nm",
        "datatype": "int8",
        "clock_hz": clock,
        "latency_s": latency,
        "cycles": sum(op["cycles"] for op in ops),
        "energy_j": dynamic + leakage,
        "dynamic_energy_j": dynamic,
        "leakage_energy_j": leakage,
        "area_mm2": sum(AREA.values()),
        "power_w": (dynamic + leakage) / latency,
        "utilization": macs / (ROWS * COLUMNS * clock * latency),
        "macs": macs,
        "dram_bytes": fetched,
        "lower_bound": {
            "latency_s": max(bound["latency_s"] for bound in bounds),
            "dram_bytes": fetched,
            "bounds": bounds,
        },
        "notes": [
            "softmax and layer_norm run on the vector unit; their cycle costs come from the component."
        ],
        "ops": ops,
        "actions": actions,
        "components": components,
        "constants": [
            {"name": "array.rows", "value": ROWS, "source": "Jouppi et al., ISCA 2017, section 2"},
            {"name": "array.columns", "value": COLUMNS, "source": "Jouppi et al., ISCA 2017, section 2"},
            {"name": "array.clock", "value": "700 MHz", "source": "Jouppi et al., ISCA 2017, table 2"},
            {"name": "buffer.capacity", "value": "24 MiB", "source": "Jouppi et al., ISCA 2017, figure 1"},
            {"name": "dram.bandwidth", "value": "34 GB/s", "source": "Jouppi et al., ISCA 2017, table 2"},
        ],
    }


def component(
    name: str, ops: list[dict[str, Any]], actions: list[dict[str, Any]], latency: float, clock: float
) -> dict[str, Any]:
    mine = [op for op in ops if op["component"] == name]
    runs = name in ("array", "vector")
    dynamic = sum(action["energy_j"] for action in actions if action["component"] == name)
    leakage = LEAKAGE[name] * latency if name in LEAKAGE else None
    busy = sum(op["cycles"] for op in mine)
    used = sum(op["latency_s"] for op in mine) / latency
    return {
        "name": name,
        "class": {"array": "systolic_array", "vector": "vector_unit", "buffer": "sram"}.get(name, name),
        "parent": None if name == "chip" else "chip",
        "instances": 1,
        "clock_hz": clock,
        "area_mm2": AREA.get(name),
        "area_source": "Jouppi et al., ISCA 2017, figure 2" if name in AREA else None,
        "leakage_w": LEAKAGE.get(name),
        "leakage_source": "share of idle power by area, Jouppi et al." if name in LEAKAGE else None,
        "energy_j": dynamic + (leakage or 0),
        "dynamic_energy_j": dynamic,
        "leakage_energy_j": leakage,
        "busy_cycles": busy if runs else None,
        "utilization": used if runs else None,
        "capacity_bytes": 24 * 2**20 if name == "buffer" else None,
        "bandwidth_bytes_per_s": BANDWIDTH.get(name),
        "peak_macs_per_s": ROWS * COLUMNS * clock if name == "array" else None,
    }
