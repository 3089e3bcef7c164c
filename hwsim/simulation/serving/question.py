"""What the command line asks about serving: one machine after another on one trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hwsim.arch.load import load_arch
from hwsim.arch.machine import Arch
from hwsim.simulation.serving.iteration import Timer
from hwsim.simulation.serving.requests import Request, generated, read_requests
from hwsim.simulation.serving.server import Served, Server
from hwsim.simulation.serving.source import Source, source_of
from hwsim.simulation.serving.system import is_system, system_of
from hwsim.spec.errors import InputError


@dataclass(frozen=True, slots=True)
class Answer:
    """One machine and what became of the trace on it."""

    arch: Arch
    served: Served


def trace_of(requests: str, n: int, rate: float | None, seed: int) -> tuple[Request, ...]:
    """A CSV file, or ``n`` requests of a data set.

    Raises:
        InputError: there is neither a file nor a data set of the name, or it is at fault.
    """
    path = Path(requests)
    if path.suffix == ".csv" or path.is_file():
        return read_requests(path)
    return generated(requests, n, rate, seed)


def serve(
    arch: str,
    workload: str,
    requests: Sequence[Request],
    overrides: tuple[str, ...] = (),
    batch: int = 256,
    policy: str = "preempt",
) -> Answer:
    """Serve a trace with a model on a machine; ``overrides`` as ``hwsim run`` takes them, where they name a
    component that the machine has.

    Raises:
        InputError: any of it is at fault, or the model does not fit.
    """
    machine, asked = load_arch(arch), [each for each in overrides if not each.startswith("workload.")]
    names = {part.name for part in machine.walk()}
    own = tuple(
        each for each in asked if each.partition(".")[0] in names or "." not in each.partition("=")[0]
    )
    if own:
        machine = load_arch(arch, own)
    if not is_system(machine):
        hint = "take one of the folder pim, such as neupims or gpu_only"
        raise InputError(f"machine {machine.name!r} is no system of devices that serve a model", hint=hint)
    system = system_of(machine)
    model = tuple(each.removeprefix("workload.") for each in overrides if each.startswith("workload."))
    source: Source = source_of(workload, model, system.device.datatype)
    return Answer(machine, Server(Timer(system), source, batch, policy).serve(requests))  # type: ignore[arg-type]
