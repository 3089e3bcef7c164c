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
LAYERS = {
    "BERT": ("bert_base", ("config.layers=1", "sequence=512")),
    "GPT-2 prefill": ("gpt2", ("config.layers=1", "sequence=700")),
    "Llama 3 decode": ("llama3_8b", ("config.layers=1", "phase=decode", "context=2000")),
    "Mistral window": ("mistral_7b", ("config.layers=1", "sequence=5000")),
    "DeepSeek prefill": ("deepseek_v3", ("config.layers=1", "sequence=300")),
    "DeepSeek decode": ("deepseek_v3", ("config.layers=1", "phase=decode", "context=500")),
    "ViT": ("vit_b_16", ("config.layers=1",)),
    "T5": ("t5_small", ("config.layers=1", "config.decoder_layers=1", "target=5")),
    "Transformer-XL": ("transformer_xl", ("config.layers=1",)),
}
"""One layer of each kind of attention: dense, causal, of one query, windowed, latent, between sequences."""
KERNELS = ("h100_sxm", "t4", "cpu_host")
"""Machines that run the kernels of a library: auto takes one an attention or one an operator."""

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
* Gemmini's mesh and host core meet in the DRAM alone: scores pass it, fused or not, and fusing overlaps the
  two. Eyeriss's array keeps no scores: tiles of them lie in its buffer, and its own model times each tile.
* A GPU or CPU runs kernels; `flat` and `fusemax` name no kernel and are refused there.
* A cell with `unfused`: no fused choice is faster there.
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
        _kinds((*machines, *KERNELS)),
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


def _kinds(machines: tuple[str, ...]) -> str:
    """What auto gains over unfused for each kind of attention, and which mappings it takes."""
    columns = " | ".join(("machine", *LAYERS))
    head = "## One layer of each kind: auto against unfused, and what it takes"
    lines = [head, "", f"| {columns} |", "|---" * (len(LAYERS) + 1) + "|"]
    for machine in machines:
        cells = [_gain(machine, *layer) for layer in LAYERS.values()]
        lines.append(f"| {machine} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _gain(machine: str, workload: str, settings: tuple[str, ...]) -> str:
    overrides = tuple(f"workload.{each}" for each in settings)
    auto, unfused = (simulate(machine, workload, name, overrides=overrides) for name in ("auto", "unfused"))
    taken = {entry["configuration"] for entry in auto.json["attention"]}
    if machine in KERNELS and any(len(step.tasks) >= len(PARTS) for step in auto.plan.steps):
        taken = {"one kernel"}
    return f"{unfused.latency_s / auto.latency_s:.2f} x {', '.join(sorted(taken)) or 'unfused'}"


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
