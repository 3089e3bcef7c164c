"""The best that a point could reach, known before anything is mapped: hopeless points need not be run.

Every multiply-accumulate takes a place in a matrix engine for a cycle, and every tensor that starts or must
end outside crosses the boundary of the outermost memory once; the area does not depend on the run.
"""

from __future__ import annotations

from hwsim.arch.machine import Arch
from hwsim.explore.evaluate import machine_of, workload_of
from hwsim.explore.point import Point
from hwsim.spec.errors import HwsimError
from hwsim.workload.workload import Workload


def least(point: Point) -> dict[str, float]:
    """Lower bounds of the metrics of ``point``, by name: latency in seconds, and the area in square
    millimetres as it is. Empty where nothing is known: the input is at fault, or no dataflow machine runs it.
    """
    from hwsim.simulation.ways import way_of

    try:
        machine = machine_of(point)
        workload = workload_of(point.workload, point.workload_overrides)
        if way_of(machine, workload).name != "dataflow":
            return {}
        area = _area(machine)
        found = {"latency_s": _seconds(machine, workload)}
    except HwsimError:
        return {}
    return found if area is None else found | {"area_mm2": area / 1e-6}


def _seconds(machine: Arch, workload: Workload) -> float:
    from hwsim.mapping.planner import native_datatype
    from hwsim.simulation.scene import Scene

    scene = Scene.of(machine, workload, native_datatype(machine))
    peak = sum(engine.peak_macs * engine.component.clock for engine in scene.matrix.values())
    moving = scene.outer_cycles(scene.total_compulsory) / machine.clock
    return max(moving, workload.macs / peak if peak else 0.0)


def _area(machine: Arch) -> float | None:
    """Square metres: those of a run in which nothing happens."""
    from hwsim.energy.load import load_technology
    from hwsim.energy.price import price
    from hwsim.simulation.execution import Execution

    nothing = Execution("bound", 0, (), (), 0, ())
    return price(nothing, machine, load_technology(machine.technology)).area
