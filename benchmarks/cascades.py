"""How long cascades take: their analysis, the fusion search of a transformer layer, the grid of FuseMax.

The averages over that grid stand below, beside the published ones.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hwsim.einsum.cascade import Cascade
from hwsim.einsum.passes import Analysis, analyse
from hwsim.einsum.read import cascade_data, load_cascade, parse_cascade
from hwsim.einsum.text.parse import parse_einsum
from hwsim.mapping.fused.configurations import CONFIGURATIONS
from hwsim.mapping.steps import searched_on
from hwsim.pipeline import describe, map_workload
from hwsim.spec.library import names
from hwsim.validation.fusemax_layers import MODELS, whole_layer
from hwsim.validation.references.cascades import SHIPPED
from hwsim.validation.references.fusemax import PAPER_LENGTHS, averages, tokens

REPEATS = 5
FILES_LIMIT_S = 0.5
LONG_LIMIT_S = 1.0
SEARCH_LIMIT_S = 2.0
GRID_LIMIT_S = 10.0
LAYER = ("workload.config.layers=1", "workload.sequence=4096")
EINSUMS_PER_LAYER = 10


def analyse_files(folder: Path) -> list[Analysis]:
    """Read and analyse every file of a folder."""
    return [analyse(load_cascade(file)) for file in sorted(folder.glob("*.yaml"))]


def layers(count: int) -> Cascade:
    """``count`` attention layers of ten Einsums, each reading its keys from a cache split into tiles."""
    inputs = {"X0": ("P", "D")}
    einsums: list[str] = []
    for n in range(count):
        inputs |= {f"WQ{n}": ("D", "E"), f"KC{n}": ("M1", "M0", "E")}
        inputs |= {f"VC{n}": ("M1", "M0", "F"), f"WO{n}": ("F", "D")}
        einsums += [
            f"Q{n}[p,e] = X{n}[p,d] * WQ{n}[d,e]",
            f"QK{n}[m1,m0,p] = Q{n}[p,e] * KC{n}[m1,m0,e]",
            f"LM{n}[m1,p] = max(m0): QK{n}[m1,m0,p]",
            f"GM{n}[p] = max(m1): LM{n}[m1,p]",
            f"SN{n}[m1,m0,p] = exp(QK{n}[m1,m0,p] - GM{n}[p])",
            f"SD{n}[p] = sum(m1,m0): SN{n}[m1,m0,p]",
            f"A{n}[m1,m0,p] = SN{n}[m1,m0,p] / SD{n}[p]",
            f"AV{n}[p,f] = A{n}[m1,m0,p] * VC{n}[m1,m0,f]",
            f"O{n}[p,d] = AV{n}[p,f] * WO{n}[f,d]",
            f"X{n + 1}[p,d] = X{n}[p,d] + O{n}[p,d]",
        ]
    return Cascade("layers", inputs, tuple(map(parse_einsum, einsums)), {"M": ("M1", "M0")})


def seconds(work: Callable[[], object]) -> float:
    """The median time of ``work`` over a few runs, after one that is not counted."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def search_layer(machine: str) -> float:
    """Seconds to search the mapping of one layer of bert_base, nothing known before."""
    arch, network = describe(machine, "bert_base", LAYER)
    searched_on.cache_clear()
    start = time.perf_counter()
    map_workload(arch, network, "auto")
    return time.perf_counter() - start


def slowest_search() -> tuple[str, float]:
    """The machine of the library whose search takes longest, and its seconds."""
    machines = [entry.name for entry in names("arch") if entry.folder == "systolic"]
    taken = {machine: search_layer(machine) for machine in machines}
    slowest = max(machines, key=lambda machine: taken[machine])
    return slowest, taken[slowest]


def paper_grid() -> float:
    """Seconds for five configurations, four models and six lengths, all priced, nothing known before."""
    start = time.perf_counter()
    for name in CONFIGURATIONS:
        for model in MODELS:
            for length in PAPER_LENGTHS:
                whole_layer(name, model, tokens(length))
    return time.perf_counter() - start


def main() -> int:
    """Print the times beside their limits; 1 if one is missed."""
    import yaml

    text = yaml.safe_dump(cascade_data(layers(500 // EINSUMS_PER_LAYER)))
    count = len(list(SHIPPED.glob("*.yaml")))
    grid = paper_grid()
    machine, search = slowest_search()
    rows = (
        (f"{count} reference files", FILES_LIMIT_S, seconds(lambda: analyse_files(SHIPPED))),
        ("500 Einsums, text to passes", LONG_LIMIT_S, seconds(lambda: analyse(parse_cascade(text)))),
        (f"fusion search of a layer, {machine}", SEARCH_LIMIT_S, search),
        ("FuseMax grid, 120 layers priced", GRID_LIMIT_S, grid),
    )
    for name, limit, taken in rows:
        print(f"{name:42} {taken:6.3f} s   limit {limit:.1f} s   {limit / taken:5.1f} x below")
    print("\n".join(averages()))
    return int(any(taken >= limit for _, limit, taken in rows))


if __name__ == "__main__":
    sys.exit(main())
