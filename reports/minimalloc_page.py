"""Write ``minimalloc.md``: MiniMalloc's benchmark and random full packings, every answer verified.

``python reports/minimalloc_page.py FOLDER`` with the folder benchmarks/challenging of google/minimalloc.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from strategies.packings import FAMILIES, family  # noqa: E402  (found by the path above)

from hwsim.schedule.allocation import largest_load  # noqa: E402
from hwsim.schedule.buffer_file import read_buffers  # noqa: E402
from hwsim.schedule.buffers import Buffer  # noqa: E402
from hwsim.schedule.timed_allocation import allocate_verified  # noqa: E402

LIMIT_S = 60.0
PACKINGS = 8
PACKING_LIMIT_S = 10.0


def minimalloc_page(folder: Path) -> str:
    """The page as markdown."""
    lines = [
        "# Allocation: MiniMalloc's benchmark, and packings that are nearly full by construction",
        "",
        "`hwsim validate minimalloc --data FOLDER`. Offsets are checked by a verifier that knows nothing of",
        f"the search. {LIMIT_S:.0f} s each; seconds are upper bounds, the machine was shared.",
        "",
        "| case | buffers | largest load / capacity | status | s |",
        "|---|---|---|---|---|",
        *benchmark_rows(folder),
        "",
        "Shuffled random packings (`tests/strategies/packings.py`), so that the orders and budgets of the",
        "search are seen to serve more than eleven files; the first of each family, "
        f"{PACKING_LIMIT_S:.0f} s each.",
        "",
        "| family | buffers | packed | slowest success, s |",
        "|---|---|---|---|",
        *packing_rows(),
        "",
        "Not packed means that time ended: all of these do fit. That buffers do not fit although their load",
        "does is proved by exhaustion, here or by CP-SAT in a child process, and can take long.",
    ]
    return "\n".join(lines) + "\n"


def benchmark_rows(folder: Path) -> Iterator[str]:
    """One line a file ``NAME.CAPACITY.csv``."""
    for file in sorted(folder.glob("?.*.csv")):
        buffers, capacity = read_buffers(file), int(file.stem.split(".")[1])
        status, seconds = answered(buffers, capacity, LIMIT_S)
        load = largest_load(buffers)[0] / capacity
        yield f"| {file.stem} | {len(buffers)} | {load:.3f} | {status} | {seconds:.2f} |"


def packing_rows() -> Iterator[str]:
    """One line a family."""
    for name in FAMILIES:
        packings = list(family(name, PACKINGS))
        answers = [answered(packing.buffers, packing.capacity, PACKING_LIMIT_S) for packing in packings]
        packed = [seconds for status, seconds in answers if status == "feasible"]
        counts = [len(packing.buffers) for packing in packings]
        slowest = f"{max(packed):.2f}" if packed else "-"
        yield f"| {name} | {min(counts)}-{max(counts)} | {len(packed)} of {len(answers)} | {slowest} |"


def answered(buffers: tuple[Buffer, ...], capacity: int, limit_s: float) -> tuple[str, float]:
    """Our status and seconds."""
    found = allocate_verified(buffers, capacity, limit_s)
    if found.interrupted:
        raise KeyboardInterrupt
    return str(found.allocation.status), found.solve_s


if __name__ == "__main__":
    (Path(__file__).parent / "minimalloc.md").write_text(minimalloc_page(Path(sys.argv[1])))
