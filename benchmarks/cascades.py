"""How long the analysis of cascades takes: the reference files together, and one of 500 Einsums."""

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
from hwsim.validation.references.cascades import SHIPPED

REPEATS = 5
FILES_LIMIT_S = 0.5
LONG_LIMIT_S = 1.0
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


def main() -> int:
    """Print both times beside their limits; 1 if one is missed."""
    import yaml

    text = yaml.safe_dump(cascade_data(layers(500 // EINSUMS_PER_LAYER)))
    count = len(list(SHIPPED.glob("*.yaml")))
    rows = (
        (f"{count} reference files", FILES_LIMIT_S, seconds(lambda: analyse_files(SHIPPED))),
        ("500 Einsums, text to passes", LONG_LIMIT_S, seconds(lambda: analyse(parse_cascade(text)))),
    )
    for name, limit, taken in rows:
        print(f"{name:28} {taken:6.3f} s   limit {limit:.1f} s   {limit / taken:5.1f} x below")
    return int(any(taken >= limit for _, limit, taken in rows))


if __name__ == "__main__":
    sys.exit(main())
