"""The laws of conservation on random machines, workloads and mappings, and what changes may not do.

    python benchmarks/laws.py [TRIPLES, 2000]

Prints how many runs broke each law (exit status 1 if any did), and how often a machine with more of something
was slower: the searches are of declared sets and greedy in what stays on chip, so that is counted, not held.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from strategies.machines import machine_texts  # noqa: E402  (found by the path above)
from strategies.workloads import workload_texts  # noqa: E402

import hwsim  # noqa: E402
from hwsim.arch.load import apply_overrides, arch_of  # noqa: E402
from hwsim.arch.machine import Arch  # noqa: E402
from hwsim.spec.document import parse_document  # noqa: E402
from hwsim.spec.errors import InputError  # noqa: E402
from hwsim.workload.explicit import build_explicit  # noqa: E402
from hwsim.workload.workload import Workload  # noqa: E402

MAPPINGS = ("auto", "resident", "unfused", "fixed")


def main(arguments: list[str]) -> int:
    """Run so many triples; 1 if a law was broken."""
    count = int(arguments[0]) if arguments else 2000
    broken: Counter[str] = Counter()
    runs = 0

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(machine_texts(), workload_texts(), st.sampled_from(MAPPINGS))
    def each(machine: str, text: str, mapping: str) -> None:
        nonlocal runs
        try:
            document = parse_document(machine, "machine.yaml")
            arch = arch_of(document)
            workload = build_explicit(parse_document(text, "workload.yaml"))
            result = hwsim.simulate(arch, workload, mapping)
        except InputError:
            broken["refused (fits nowhere)"] += 1
            return
        runs += 1
        broken.update(violations(result, workload))
        broken.update(changes(document, result, workload, mapping))

    each()
    held = (
        "bytes by engine are bytes planned",
        "MACs are exact",
        "energy parts are the total",
        "the clock scales time",
    )
    for law in held:
        print(f"{law:<50} {runs} runs, {broken[law]} broken")
    for law, number in sorted(broken.items()):
        if law not in held:
            print(f"{law:<50} {number} of {runs}")
    return 1 if any(broken[law] for law in held) else 0


def violations(result: Any, workload: Workload) -> Iterator[str]:
    """The laws of conservation that a run breaks."""
    root = result.arch.root.name
    moves = [move for step in result.plan.steps for move in step.transfers]
    planned = sum(move.bytes for move in moves if root in (move.source, move.destination))
    if result.dram_bytes != planned:
        yield "bytes by engine are bytes planned"
    if result.macs != workload.macs:
        yield "MACs are exact"
    answer = result.json
    parts = sum(part["energy_j"] for part in answer["components"])
    actions = sum(action["count"] * action["energy_per_action_j"] for action in answer["actions"])
    whole = answer["energy_j"]
    if not math.isclose(parts, whole, rel_tol=1e-9) or not math.isclose(
        actions, answer["dynamic_energy_j"], rel_tol=1e-9
    ):
        yield "energy parts are the total"


def changes(document: Any, result: Any, workload: Workload, mapping: str) -> Iterator[str]:
    """What a changed machine may not do."""
    arch: Arch = result.arch
    memory = arch.root.attributes
    if memory.bandwidth is None:
        return
    twice = again(document, (f"{arch.root.name}.bandwidth={2 * rate(arch)} B/s",), workload, mapping)
    if twice is not None and twice.execution.cycles > result.execution.cycles:
        yield "slower with twice the outermost bandwidth"
    if any(part.clock != arch.clock for part in arch.walk()):
        return
    memories = [part for part in arch.walk() if getattr(part.attributes, "bandwidth", None) is not None]
    paces = tuple(f"{part.name}.bandwidth={16 + 4 * place} B/cycle" for place, part in enumerate(memories))
    once = again(document, paces, workload, mapping)
    double = again(document, (*paces, f"clock={2 * arch.clock} Hz"), workload, mapping)
    if once is None or double is None:
        return
    yield "compared at twice the clock"
    if double.execution.cycles != once.execution.cycles or double.latency_s * 2 != once.latency_s:
        yield "the clock scales time"


def rate(arch: Arch) -> float:
    """Bytes a second of the outermost memory."""
    found: float = arch.root.attributes.bandwidth.per_second(arch.root.clock)  # type: ignore[attr-defined]
    return found


def again(document: Any, overrides: tuple[str, ...], workload: Workload, mapping: str) -> Any:
    """The run on a changed machine; None where it is refused."""
    try:
        return hwsim.simulate(arch_of(apply_overrides(document, overrides)), workload, mapping)
    except InputError:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
