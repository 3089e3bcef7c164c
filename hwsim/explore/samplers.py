"""How a search proposes designs: the samplers of Optuna by name."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hwsim.spec.errors import InputError, did_you_mean

Ranges = Mapping[str, Sequence[int]]
Broken = Callable[[Any], Sequence[float]]
NAMES = ("tpe", "nsga2", "cmaes", "grid", "random")


def sampler_called(name: str, seed: int, ranges: Ranges, objectives: int, broken: Broken) -> Any:
    """The sampler ``name``.

    Args:
        name: ``tpe``, ``nsga2``, ``cmaes``, ``grid`` or ``random``.
        seed: of everything random in it.
        ranges: the places to choose from, by axis.
        objectives: how many there are.
        broken: how much a trial breaks each constraint, for samplers that can use that.

    Raises:
        InputError: no such sampler, it takes one objective only, or Optuna is not installed.
    """
    optuna = quiet_optuna()
    samplers = optuna.samplers
    if name not in NAMES:
        raise InputError(f"there is no sampler {name!r}", hint=did_you_mean(name, NAMES))
    if name == "cmaes" and objectives > 1:
        raise InputError("cmaes takes a single objective", hint="use nsga2 or tpe for several")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made: dict[str, Callable[[], Any]] = {
            "tpe": lambda: samplers.TPESampler(seed=seed, multivariate=True, constraints_func=broken),
            "nsga2": lambda: samplers.NSGAIISampler(seed=seed, population_size=24, constraints_func=broken),
            "cmaes": lambda: samplers.CmaEsSampler(seed=seed, with_margin=True),
            "grid": lambda: samplers.GridSampler(ranges, seed=seed),
            "random": lambda: samplers.RandomSampler(seed=seed),
        }
        return made[name]()


def quiet_optuna() -> Any:
    """Optuna, which does not talk beside our own progress.

    Raises:
        InputError: it is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise InputError("Optuna is not installed", hint="pip install 'hwsim[search]'") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
