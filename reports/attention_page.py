"""Regenerate ``attention.md``: fused attention on every machine (``python reports/attention_page.py``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hwsim.energy.result import Result
from hwsim.pipeline import simulate
from hwsim.report import units
from hwsim.spec.library import names

MAPPINGS = ("unfused", "flat", "fusemax", "auto")
WORKLOAD, LENGTH, LONG = "bert_base", 4096, 65536
PARTS = ("scores", "softmax", "values")

INTRODUCTION = f"""# Attention in the pipeline

`hwsim run --arch MACHINE --workload {WORKLOAD} --set workload.sequence=LENGTH --mapping MAPPING`.
`unfused` runs every operator on its own through the outermost memory; `flat` and `fusemax` run each
attention in one step, with the dataflow of FLAT's space that FLAT would take and with the 1-pass cascade of
FuseMax; `auto` searches all of these for each attention. Attention: its share of the run; arrays: how long
they work in it."""

CLOSING = """## What to know about these figures

* A fused step has the latency that `hwsim validate fusemax` reports, plus the first load and last store.
* `unfused` is the ordinary pipeline: fill and drain of the array, one function of the softmax after another
  on the lanes, a multiplication for the scale. The unfused baseline of the paper counts no fill, lets the
  difference pass on to the exponential and has queries carry the scale: it is faster.
* A grid that cannot do max, add and exp leaves all but the two products of the 1-pass cascade to the lanes.
* Masked scores are worked on as all others, fused or not."""


def main() -> None:
    """Run everything and write the page."""
    (Path(__file__).parent / "attention.md").write_text(page())


def page() -> str:
    """The page."""
    machines = [entry.name for entry in names("arch") if entry.folder == "systolic"]
    parts = (
        INTRODUCTION,
        _table(f"{LONG} tokens", ("fusemax_cloud", "flat_cloud"), LONG),
        _table(f"{LENGTH} tokens, every machine", machines, LENGTH),
        CLOSING,
    )
    return "\n\n".join(parts) + "\n"


def _table(title: str, machines: tuple[str, ...] | list[str], length: int) -> str:
    columns = "machine | mapping | latency | against unfused | energy | attention | arrays during it | why"
    lines = [f"## {WORKLOAD}, {title}", "", f"| {columns} |", "|---" * (columns.count("|") + 1) + "|"]
    return "\n".join([*lines, *(line for machine in machines for line in _lines(machine, length))])


def _lines(machine: str, length: int) -> Iterator[str]:
    overrides = (f"workload.sequence={length}",)
    runs = {name: simulate(machine, WORKLOAD, name, overrides=overrides) for name in MAPPINGS}
    for name, result in runs.items():
        faster = runs["unfused"].latency_s / result.latency_s
        cells = (
            machine,
            name,
            units.seconds(result.latency_s),
            f"{faster:.2f} x",
            units.joules(result.energy_j),
            f"{_share(result):.0%}",
            *_why(result),
        )
        yield f"| {' | '.join(cells)} |"


def _share(result: Result) -> float:
    runs = result.execution.operators
    own = [run.cycles for run in runs if ".attention." in run.name and run.name.rpartition(".")[2] in PARTS]
    return sum(own) / result.execution.cycles


def _why(result: Result) -> tuple[str, str]:
    """How long both arrays work and the choice, or why nothing is fused."""
    entries = result.json["attention"]
    if not entries:
        notes = [note for note in result.plan.notes if note.startswith("attention runs unfused")]
        return "", notes[0].partition(": ")[2] if notes else "as asked for"
    busy = ", ".join(f"{part['component']} {part['utilization']:.0%}" for part in entries[0]["arrays"][:2])
    return busy, f"{entries[0]['choice']}; {entries[0]['why']}"


if __name__ == "__main__":
    main()
