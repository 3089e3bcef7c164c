"""The result in a terminal: one line an operator, then totals beside their bounds, and notes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hwsim.report import units
from hwsim.report.document import Run, as_run
from hwsim.report.grouping import READING, readable
from hwsim.report.groups import Group

MOST_ROWS = 40
_PIPE_WIDTH = 240
_COLUMNS = ("op", "on", "time", "bound by", "x lower bound", "energy", "error band")
_WRITTEN_LEFT = ("op", "on", "bound by", "error band")
_LEFT_OUT = ("error band", "energy", "bound by", "on", "x lower bound")
"""What a narrow terminal does without, in this order, so that names stay whole."""


def print_result(result: dict[str, Any], console: Console) -> None:
    """Print the result document; at most ``MOST_ROWS`` lines of operators, like ones together.

    Raises:
        NotAResultError: ``result`` is not a result document.
    """
    run = as_run(result)
    out = _writer(console)
    out.print(Text(f"{run.title} ({run.fidelity})", style="bold"), soft_wrap=True)
    out.print(operator_table(run, out.width))
    if len(run.ops) > MOST_ROWS:
        out.print(Text(READING, style="dim"), soft_wrap=True)
    for line in (*totals(run), *attention(run), *spikes(run), *tokens(run)):
        out.print(line, soft_wrap=True)
    for note in run.notes:
        out.print(Text.assemble(("note: ", "yellow"), note), soft_wrap=True)


def _writer(console: Console) -> Console:
    """Where to print: what is no terminal gets wide lines, unless COLUMNS says otherwise, and no codes."""
    if console.is_terminal:
        return (
            Console(file=console.file, width=console.width, color_system=None)
            if console.no_color
            else console
        )
    width = console.width if "COLUMNS" in os.environ else _PIPE_WIDTH
    return Console(file=console.file, width=width, highlight=False)


def operator_table(run: Run, width: int = _PIPE_WIDTH) -> Table:
    """Operator, where it ran, its time, what bounds it, how near it is to its bound, energy, error band.

    Columns that do not fit into ``width`` characters are left out, the error band first and no name or time.
    """
    rows = [_cells(group) for group in readable(run.ops, MOST_ROWS)]
    shown = _fitting(rows, width)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in shown:
        left = name in _WRITTEN_LEFT
        table.add_column(name, justify="left" if left else "right", no_wrap=not left)
    for row in rows:
        table.add_row(*(row[name] for name in shown))
    return table


def _fitting(rows: Sequence[Mapping[str, Text]], width: int) -> list[str]:
    """The columns that fit side by side into ``width``."""
    shown = list(_COLUMNS)
    for name in _LEFT_OUT:
        taken = sum(max([len(each), *(row[each].cell_len for row in rows)]) + 2 for each in shown)
        if taken <= width:
            break
        shown.remove(name)
    return shown


def totals(run: Run) -> Iterator[Text]:
    """The totals of the run, each beside its lower bound where it has one."""
    bound = run.lower_bound
    yield _line(
        "latency", units.seconds(run.latency_s), _beside(units.seconds, run.latency_s, bound.latency_s)
    )
    yield _line("energy", units.joules(run.energy_j), _parts_of_energy(run))
    yield _line(
        "DRAM", units.traffic(run.dram_bytes), _beside(units.traffic, run.dram_bytes, bound.dram_bytes)
    )
    yield _line("power", units.scaled(run.power_w, "W"), "average")
    yield _line("area", "unknown" if run.area_mm2 is None else f"{run.area_mm2:.4g} mm²", "")
    work = f"{units.count(run.macs)} MACs, {units.count(run.cycles)} cycles"
    yield _line("used", units.percent(run.utilization), work)


def attention(run: Run) -> Iterator[Text]:
    """Each kind of fused attention: its choice, how busy both arrays and the memory are, and with what."""
    for each in run.attention:
        busy = ", ".join(f"{part.component} {units.percent(part.utilization)}" for part in each.arrays)
        layers = f"{units.count(len(each.operators))} layers"
        beside = f"in {layers}: {each.choice.partition(': ')[2]}; busy: {busy}; {each.why}"
        yield _line("attention", each.configuration, beside)


def spikes(run: Run) -> Iterator[Text]:
    """What a network of neurons did, and the core that held it up longest."""
    if run.spiking is None:
        return
    done, worst = run.spiking, run.spiking.bottleneck
    beside = (
        f"{units.count(done.packets)} packets, {units.count(done.hops)} hops, "
        f"{units.count(done.synaptic_ops)} synaptic operations, {units.percent(done.spike_rate)} a step"
    )
    yield _line("spikes", units.count(done.spikes), beside)
    share = f"{worst.doing}, {units.percent(worst.fraction)} of the time that cores work"
    yield _line("busiest", f"core {worst.core:.0f}", share)


def tokens(run: Run) -> Iterator[Text]:
    """Tokens a second and the energy of one, and how busy the devices of a language model are."""
    if run.serving is None:
        return
    done, busy = run.serving, run.serving.utilization
    beside = f"{units.count(done.tokens)} an iteration on {done.devices:.0f} devices"
    yield _line("tokens", f"{units.scaled(done.tokens_per_s, '/s')}", beside)
    if done.tokens:
        yield _line(
            "a token", units.joules(run.energy_j / done.tokens), "sub-batches" if done.sub_batches else ""
        )
    shares = f"banks {units.percent(busy.pim)}, channels {units.percent(busy.channels)}"
    uneven = "" if done.imbalance is None else f", fullest channel {done.imbalance:.3g} x the mean"
    yield _line("busy", units.percent(busy.npu), f"of the time the NPU side; {shares}{uneven}")


def _cells(group: Group) -> dict[str, Text]:
    values = (
        group.label,
        group.component,
        units.seconds(group.latency_s),
        group.bound_by,
        units.ratio(group.latency_s, group.lower_bound_s) or "–",
        units.joules(group.energy_j),
        group.error_band,
    )
    texts = (Text(value, no_wrap=True, overflow="ellipsis") for value in values)
    return dict(zip(_COLUMNS, texts, strict=True))


def _line(name: str, value: str, beside: str) -> Text:
    return Text.assemble((f"{name:<10}", "dim"), (f"{value:<10} ", "bold"), (beside, "dim"))


def _beside(shown: units.Format, value: float, bound: float) -> str:
    above = units.ratio(value, bound)
    return "no lower bound" if above is None else f"lower bound {shown(bound)}, {above} x"


def _parts_of_energy(run: Run) -> str:
    return f"dynamic {units.joules(run.dynamic_energy_j)}, leakage {units.joules(run.leakage_energy_j)}"
