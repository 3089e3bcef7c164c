"""What is loaded before the clock of a search starts is all that the search runs on."""

from importlib import import_module
from math import inf
from pkgutil import iter_modules

from numba.core.registry import CPUDispatcher
from schedule.random_graphs import cosma

from hwsim.schedule import lattice, restarts, skyline
from hwsim.schedule.greedy import greedy
from hwsim.schedule.indexed import index_problem
from hwsim.schedule.lattice.ready import seconds_to_be_ready
from hwsim.schedule.lattice.search import lattice_search
from hwsim.schedule.plan import plan_cost


def _loaded():
    modules = [import_module(f"{lattice.__name__}.{each.name}") for each in iter_modules(lattice.__path__)]
    kernels = {id(each): each for module in modules for each in vars(module).values()}
    return {
        kernel.__qualname__: tuple(kernel.signatures)
        for kernel in kernels.values()
        if isinstance(kernel, CPUDispatcher)
    }


def test_a_search_loads_nothing_more():
    seconds_to_be_ready()
    before = _loaded()
    assert len(before) > 10
    for name in ("randwire_12_f85", "densenet_5_f85", "inception_cell_f100"):
        indexed = index_problem(cosma(name))
        plan = greedy(indexed).plan
        lattice_search(indexed, inf, plan_cost(indexed, plan) + 1, plan)
    assert _loaded() == before


def test_the_packing_is_loaded():
    restarts.seconds_to_load()
    assert skyline.pack_waiting.signatures
