"""NeuPIMs (ASPLOS 2024): iterations of steady batches on its machines, against what is published of it.

Only averages are public. They stand beside ours, unjudged; judged are the properties that must hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import mean

from hwsim.simulation.serving.assignment import imbalance, least_load, round_robin
from hwsim.simulation.serving.iteration import Timer
from hwsim.simulation.serving.requests import steady_lengths
from hwsim.simulation.serving.source import Source, source_of
from hwsim.spec.errors import InputError
from hwsim.validation.comparison import Comparison, Row
from hwsim.validation.csv_table import read_table

SHIPPED = Path(__file__).parent.parent / "data" / "neupims.csv"
KEYS = ("metric", "value")
PUBLISHED = "published.csv"
DATASETS = ("ShareGPT", "Alpaca")
BATCHES = (64, 128, 256, 512)
SEEDS = (1, 2, 3)
# Models, their tensor parallel devices and pipeline groups: NeuPIMs, section 6.
MODELS = {"7B": ("gpt3_7b", 4, 1), "13B": ("gpt3_13b", 4, 1), "30B": ("gpt3_30b", 4, 2)}
IDEAS = {
    "dual_row_buffers": "memory.row_buffers=2",
    "least_load": "memory.channel_assignment=least_load",
    "sub_batches": "memory.sub_batches=auto",
}
RATIOS = {
    "throughput_ratio_neupims_over_gpu_only": "gpu_only",
    "throughput_ratio_neupims_over_npu_only": "npu_only",
    "throughput_ratio_neupims_over_npu_pim_naive_v1": "npu_pim",
}
LEAST_EVEN, LEAST_UNEVEN, LARGE, SMALL = 1.2, 1.35, 512, 64
CHANNELS = 32
NOTES = (
    "averages over 7B, 13B and 30B at batch 64 to 512 (three draws each) stand beside the published ones, "
    "unjudged: the mix of batches behind these is not public.",
    "lengths are those of a batch that has been running for long: mean 305 tokens (ShareGPT), 67 (Alpaca).",
    "GPU-only is as many A100s (80 GB) as NPUs, timed by the fitted kernel models.",
    "attention over Alpaca's short requests is too little work for PIM on one row buffer: NPU-only is up to "
    "4 % faster there, so that order is judged on ShareGPT.",
    "sums over the devices of a group (NVLink) are in every machine's time, ours and the baselines'.",
)


@dataclass(frozen=True, slots=True)
class Point:
    """A steady batch of a model's requests."""

    dataset: str
    model: str
    batch: int

    @property
    def case(self) -> str:
        """How rows name it."""
        return f"{self.dataset}/{self.model}/{self.batch}"

    def at(self, batch: int) -> Point:
        """The same with another batch."""
        return Point(self.dataset, self.model, batch)


POINTS = tuple(Point(d, m, b) for d in DATASETS for m in MODELS for b in BATCHES)


def compare(data: Path | None = None) -> Comparison:
    """The published averages of the CSV at ``data`` (or in a folder with it) beside ours, and the properties.

    Raises:
        InputError: the table is unreadable, or has none of the metrics.
    """
    path = data or SHIPPED
    rows = (*_averages(path / PUBLISHED if path.is_dir() else path), *_properties())
    return Comparison("neupims", rows, NOTES, tables={"iterations": _table(), "ideas": _ideas()})


def _averages(data: Path) -> Iterator[Row]:
    found = False
    for record in read_table(data, KEYS):
        metric = record.text_of("metric")
        if metric in RATIOS:
            found = True
            ours = mean(gain(point, RATIOS[metric]) for point in POINTS)
            yield Row("average", metric, record.reference("value"), ours, None)
            large = [point for point in POINTS if (point.dataset, point.batch) == ("ShareGPT", LARGE)]
            ours = mean(gain(point, RATIOS[metric]) for point in large)
            yield Row("ShareGPT/512", metric, record.reference("value"), ours, None)
        elif metric.startswith("imbalance_round_robin"):
            yield Row("ShareGPT/512", metric, record.reference("value"), _uneven(round_robin), None)
    if not found:
        raise InputError(f"{str(data)!r} has no published ratio of throughput", hint=", ".join(RATIOS))


def _properties() -> Iterator[Row]:
    """What must hold whatever the mix of batches; ``True`` where it does."""
    for point in POINTS:
        ordered = seconds(point, "neupims") <= seconds(point, "npu_pim")
        yield Row(point.case, "neupims_not_below_npu_pim", True, ordered)
        if point.dataset == "ShareGPT":
            ordered = seconds(point, "npu_pim") <= seconds(point, "npu_only")
            yield Row(point.case, "npu_pim_not_below_npu_only", True, ordered)
        if point.batch > SMALL:
            grown = gain(point, "npu_only") >= gain(point.at(point.batch // 2), "npu_only") * 0.99
            yield Row(point.case, "gain_grows_with_batch", True, grown)
        if point.dataset == "Alpaca":
            longer = Point("ShareGPT", point.model, point.batch)
            yield Row(
                point.case,
                "gains_less_than_sharegpt",
                True,
                gain(point, "npu_only") < gain(longer, "npu_only"),
            )
        if point.batch in (SMALL, LARGE):
            pays = interleaving(point) > 1
            yield Row(point.case, "interleaving_pays", point.batch == LARGE, pays)
    yield Row("ShareGPT/512", "imbalance_least_load_at_most_1.2", True, _uneven(least_load) <= LEAST_EVEN)
    yield Row(
        "ShareGPT/512", "imbalance_round_robin_at_least_1.35", True, _uneven(round_robin) >= LEAST_UNEVEN
    )


def gain(point: Point, machine: str) -> float:
    """How many times the throughput of ``machine`` NeuPIMs has."""
    return seconds(point, machine) / seconds(point, "neupims")


def interleaving(point: Point) -> float:
    """How many times as fast NeuPIMs is with sub-batches as without."""
    without, with_ = (seconds(point, "neupims", f"memory.sub_batches={how}") for how in ("never", "always"))
    return without / with_


@cache
def seconds(point: Point, machine: str, *overrides: str) -> float:
    """Seconds of an iteration, the mean of the draws."""
    workload, share, groups = MODELS[point.model]
    timer = _timer(machine, share, groups, overrides)
    source = _source(workload, timer.system.device.datatype)
    return mean(_iteration(timer, source, point, seed) for seed in SEEDS)


def _iteration(timer: Timer, source: Source, point: Point, seed: int) -> float:
    """All layers for one batch; where groups of devices follow one another each has a batch of its own."""
    lengths = steady_lengths(point.dataset.lower(), point.batch, seed)
    model = source.decode(len(lengths))
    iteration = timer.iteration(model, timer.assigned(source.attention, lengths))
    return sum(
        source.times(stage) * time.seconds
        for stage, time in zip(iteration.stages, iteration.times, strict=True)
    )


@cache
def _timer(machine: str, share: int, groups: int, overrides: tuple[str, ...]) -> Timer:
    from hwsim.arch.load import load_arch
    from hwsim.simulation.serving.system import system_of

    devices = (f"memory.fanout={share * groups}", f"system.pipeline_parallel={groups}")
    return Timer(system_of(load_arch(machine, (*devices, *overrides))))


@cache
def _source(workload: str, datatype: str) -> Source:
    return source_of(workload, (), datatype)


@cache
def _uneven(choose: object) -> float:
    """Mean imbalance, in tokens, of a batch of 512 of ShareGPT in 32 channels, over the draws."""
    workload, share, groups = MODELS["7B"]
    timer = _timer("neupims", share, groups, ())
    shape = _source(workload, timer.system.device.datatype).attention
    found = []
    for seed in SEEDS:
        lengths = steady_lengths("sharegpt", LARGE, seed)
        loads = [timer.load(shape, each) for each in lengths]
        found.append(imbalance(lengths, choose(loads, CHANNELS), CHANNELS))  # type: ignore[operator]
    return mean(found)


def _table() -> tuple[dict[str, object], ...]:
    """Microseconds of an iteration on every machine, and NeuPIMs' gain over each."""
    machines = ("gpu_only", "npu_only", "npu_pim", "neupims")
    return tuple(
        {
            "case": point.case,
            **{f"{name}_us": round(seconds(point, name) * 1e6, 1) for name in machines},
            **{f"over_{name}": round(gain(point, name), 3) for name in machines[:-1]},
            "interleaving": round(interleaving(point), 3),
        }
        for point in POINTS
    )


def _ideas() -> tuple[dict[str, object], ...]:
    """Each idea alone on the machine that has none, and all: throughput over it, ShareGPT, mean of models."""
    found = []
    for batch in BATCHES:
        points = [Point("ShareGPT", model, batch) for model in MODELS]
        row: dict[str, object] = {"batch": batch}
        for name, override in IDEAS.items():
            row[name] = round(
                mean(seconds(p, "npu_pim") / seconds(p, "npu_pim", override) for p in points), 3
            )
        row["all"] = round(mean(gain(p, "npu_pim") for p in points), 3)
        found.append(row)
    return tuple(found)
