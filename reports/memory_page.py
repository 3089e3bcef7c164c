"""Regenerate ``dram.md`` and ``pim.md``, memory at command level: ``python reports/memory_page.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from neupims_page import sections

from hwsim.validation.comparison import Comparison, Row
from hwsim.validation.references import dram, pim

HERE = Path(__file__).parent
BY_DEVICE = ("cycles_last_completion", "read_lat_avg", "act", "e_total_pj")


def main() -> None:
    """Write both pages."""
    (HERE / "dram.md").write_text(dram_page(dram.compare(None)))
    (HERE / "pim.md").write_text(pim_page(pim.compare(None)))


def dram_page(found: Comparison) -> str:
    """DRAMsim3 against ours: a line a metric, then a line a run."""
    lines = ["# DRAM at command level against DRAMsim3", "", "`hwsim validate dram`", ""]
    lines += [f"* {note}" for note in found.notes]
    lines += ["", *summary(found), "", "| run | cycles | mean read latency | ACT | energy, V x mA x cycle |"]
    lines += ["|---|---|---|---|---|"]
    for case, rows in by_case(found).items():
        cells = (f"{rows[metric].ours:,}{mark(rows[metric])}" for metric in BY_DEVICE)
        lines.append(f"| {case} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def pim_page(found: Comparison) -> str:
    """NewtonSim against ours: a line a run, and what a second row buffer gains."""
    lines = ["# PIM beside normal requests against NewtonSim", "", "`hwsim validate pim`", ""]
    lines += [f"* {note}" for note in found.notes]
    lines += ["", *summary(found), ""]
    lines += [
        "| mode/logit tiles/attend heads/reads | last of PIM: theirs | ours | last read: theirs | ours |"
    ]
    lines += ["|---|---|---|---|---|"]
    cases = by_case(found)
    for case, rows in cases.items():
        last, read = rows["pim_last_cycle"], rows["read_last_cycle"]
        lines.append(f"| {case} | {last.reference} | {last.ours} | {read.reference} | {read.ours} |")
    lines += ["", "## One row buffer or two", ""]
    lines += ["With one, reads wait for PIM; with two, both run at once. Cycles until both are done:", ""]
    lines += ["| tiles/heads/reads | one | two | gain |", "|---|---|---|---|", *gains(cases), *sections()]
    return "\n".join(lines) + "\n"


def gains(cases: dict[str, dict[str, Row]]) -> Iterator[str]:
    """A line for each run with reads and PIM, of which there are both modes."""
    for case, rows in cases.items():
        work = case.removeprefix("dual/")
        other = cases.get(f"single/{work}")
        tiles, heads, reads = (int(part) for part in work.split("/")[-3:])
        if work == case or other is None or not reads or not tiles + heads:
            continue
        two, one = last_of(rows), last_of(other)
        yield f"| {work} | {one:,} | {two:,} | {one / two:.2f} x |"


def last_of(rows: dict[str, Row]) -> int:
    """The cycle in which both PIM and reads are done."""
    return max(int(str(rows[metric].ours)) for metric in ("pim_last_cycle", "read_last_cycle"))


def summary(found: Comparison) -> list[str]:
    """A line a metric."""
    lines = ["| metric | cases | equal | largest error | mean error |", "|---|---|---|---|---|"]
    for row in found.summary():
        lines.append("| {metric} | {n} | {exact} | {max_error:.3g} | {mean_error:.3g} |".format(**row))
    return lines


def by_case(found: Comparison) -> dict[str, dict[str, Row]]:
    """The rows of each case by metric."""
    cases: dict[str, dict[str, Row]] = {}
    for row in found.rows:
        cases.setdefault(row.case, {})[row.metric] = row
    return cases


def mark(row: Row) -> str:
    """How far a number is off, nothing where it is equal."""
    return f" ({row.error:+.2%})" if row.error else ""


if __name__ == "__main__":
    main()
