"""A network of neurons on neuromorphic cores: placed neuron by neuron, run spike by spike.

``bound`` counts what happens without any spike; ``analytical`` adds up what each core does in a time step
(``simple`` of the SANA-FE reference), ``event`` sends every message in its turn (``detailed`` there).
"""

from __future__ import annotations

from hwsim.arch.machine import Arch
from hwsim.engines.neuromorphic.chip import chip_of, is_chip
from hwsim.mapping.choices import MappingChoices
from hwsim.mapping.plan import Plan, Step, Task
from hwsim.simulation.execution import Execution, Fidelity
from hwsim.simulation.way import Way
from hwsim.spec.errors import InputError
from hwsim.workload.spiking.network import SpikingNetwork
from hwsim.workload.workload import Workload


def _prepare(arch: Arch, workload: Workload) -> Workload:
    """The workload as it is: a network has no datatype to choose."""
    del arch
    return workload


def _network(workload: Workload) -> SpikingNetwork:
    assert workload.network is not None  # the way takes no other
    return workload.network


def _plan(arch: Arch, workload: Workload, choices: MappingChoices) -> Plan:
    """A core for each neuron; the plan's only step has a task for each population."""
    from hwsim.engines.neuromorphic.placement import placed

    network, chip = _network(workload), chip_of(arch)
    cores = placed(chip, network)
    tasks = tuple(Task(each.name, chip.component.name) for each in network.populations)
    return Plan(
        arch=arch.name,
        workload=workload.name,
        mapping=choices.name,
        datatype="spikes",
        steps=(Step(tasks, ()),),
        residencies=(),
        notes=(*workload.notes, *chip.notes),
        arch_hash=arch.content_hash,
        workload_hash=workload.content_hash,
        cores=tuple(cores.tolist()),
    )


def _verify(plan: Plan, arch: Arch, workload: Workload) -> None:
    """Every neuron of the network is on a core of the chip that has room for it.

    Raises:
        InputError: one is not.
    """
    import numpy as np

    from hwsim.engines.neuromorphic.capacity import check_capacity

    network, chip = _network(workload), chip_of(arch)
    if len(plan.cores) != network.neurons:
        message = f"the plan places {len(plan.cores)} neurons, the network has {network.neurons}"
        raise InputError(message, hint="make it anew with 'hwsim map'")
    cores = np.array(plan.cores, dtype=np.int64)
    wrong = np.flatnonzero((cores < 0) | (cores >= len(chip.cores)))
    if len(wrong):
        neuron, core = network.ids[wrong[0]], cores[wrong[0]]
        raise InputError(f"the plan puts neuron {neuron} on core {core}, which {arch.name!r} does not have")
    fixed = np.flatnonzero((network.cores >= 0) & (network.cores != cores))
    if len(fixed):
        neuron = network.ids[fixed[0]]
        raise InputError(
            f"the plan puts neuron {neuron} on core {cores[fixed[0]]}, the network fixes it elsewhere"
        )
    check_capacity(chip, network, cores)


def _execute(arch: Arch, workload: Workload, plan: Plan, fidelity: Fidelity) -> Execution:
    from hwsim.simulation.spiking import execute_spiking

    return execute_spiking(chip_of(arch), _network(workload), plan, fidelity)


WAY = Way(
    name="spiking",
    particular=1,
    runs=is_chip,
    prepare=_prepare,
    plan=_plan,
    verify=_verify,
    execute=_execute,
    takes=lambda workload: workload.network is not None,
)
