"""A run of the DRAM model: a device, a controller and a stream in, counts and times out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hwsim.engines.dram.address import Numbers, address_map_of
from hwsim.engines.dram.controller import Controller
from hwsim.engines.dram.device import Device
from hwsim.engines.dram.energy import Energy, energy_of
from hwsim.engines.dram.kernel import rows
from hwsim.engines.dram.kernel.loop import run
from hwsim.engines.dram.kernel.rows import Ints
from hwsim.engines.dram.kernel.setup import Tables, tables_of
from hwsim.engines.dram.streams import Stream
from hwsim.engines.dram.timing import Timing, timing_of


@dataclass(frozen=True, slots=True)
class DramRun:
    """What a run found. Cycles are of the command clock, latencies from acceptance to completion.

    ``commands`` counts by name, ``row_hits`` of reads and writes, ``pairs``
    cycles with two commands; ``trace`` has a line per recorded command: cycle, index of its name in
    ``commands``, first bank, row or -1, request or -1.
    """

    device: Device
    stream: Stream
    cycles: int
    accepted: Numbers
    done: Numbers
    commands: dict[str, int]
    row_hits: tuple[int, int]
    pairs: int
    active_cycles: int
    energy: Energy
    trace: Numbers

    @property
    def last_completion(self) -> int:
        """The cycle of the last completion; the run ends with it."""
        return self.cycles - 1

    @property
    def read_latencies(self) -> Numbers:
        """Cycles of each read, in the order of the stream."""
        reads = ~self.stream.is_write
        latencies: Numbers = (self.done - self.accepted)[reads]
        return latencies

    @property
    def latency_s(self) -> float:
        """Seconds to the last completion."""
        return self.last_completion * self.device.file.clock_period

    @property
    def bandwidth(self) -> float:
        """Bytes of all requests per second."""
        moved = len(self.done) * self.device.organization.request_bytes
        return moved / self.latency_s


def simulate(
    device: Device,
    stream: Stream,
    controller: Controller | None = None,
    *,
    issue_width: int = 1,
    recorded: int = 0,
) -> DramRun:
    """Run a stream of requests.

    Args:
        device: the memory.
        stream: what is asked of it.
        controller: how it is scheduled; by default as :class:`Controller` says.
        issue_width: requests that may be accepted in one cycle.
        recorded: how many commands to keep in the trace, from the first.

    Raises:
        InputError: the device or the controller is at fault.
    """
    controller = (controller or Controller()).checked()
    timing = timing_of(device)
    tables = tables_of(device, timing, controller)
    requests = requests_of(device, stream)
    trace = np.zeros((recorded, rows.TRACE_COLUMNS), np.int64)
    last = run(tables.setup, tables.banks, tables.channels, requests, trace, issue_width)
    if last < 0:
        raise RuntimeError("the memory stopped with requests left")  # a fault of the model, not of the input
    return _found(device, stream, timing, tables, requests, trace, last + 1)


def requests_of(device: Device, stream: Stream) -> Ints:
    """The table of requests, every address taken apart."""
    parts = device.organization
    fields = address_map_of(device).decode(stream.unit)
    group = (fields["ch"] * parts.dram_ranks + fields["ra"]) * parts.bank_groups + fields["bg"]
    requests = np.full((rows.REQUEST_ROWS, len(stream.unit)), -1, np.int64)
    requests[rows.ARRIVAL] = stream.arrival
    requests[rows.CHANNEL] = fields["ch"]
    requests[rows.BANK] = group * parts.banks_per_group + fields["ba"]
    requests[rows.ROW] = fields["ro"]
    requests[rows.UNIT] = stream.unit
    requests[rows.IS_WRITE] = stream.is_write
    return requests


def _found(
    device: Device, stream: Stream, timing: Timing, tables: Tables, requests: Ints, trace: Ints, cycles: int
) -> DramRun:
    setup, channels = tables.setup, tables.channels
    ranks = tables.banks[:, :: int(setup["rank_banks"])]
    still_open = np.where(ranks[rows.OPEN_BANKS] > 0, cycles - ranks[rows.ACTIVE_SINCE], 0)
    active = int((ranks[rows.ACTIVE] + still_open).sum())
    counts = channels[int(setup["counts"]) : int(setup["reading"])].sum(axis=1).tolist()
    commands = dict(zip(device.standard.commands, counts, strict=True))
    idle = cycles * ranks.shape[1] - active
    return DramRun(
        device=device,
        stream=stream,
        cycles=cycles,
        accepted=requests[rows.ACCEPTED],
        done=requests[rows.DONE],
        commands=commands,
        row_hits=(int(channels[rows.READ_HITS].sum()), int(channels[rows.WRITE_HITS].sum())),
        pairs=int(channels[rows.PAIRS].sum()),
        active_cycles=active,
        energy=energy_of(device, timing.cycles, commands, active, idle),
        trace=trace[: int(channels[rows.RECORDED, 0])],
    )
