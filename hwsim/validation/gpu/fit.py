"""Fitting the parameters of a family to measured kernels: regularised, robust, in logarithms.

Minimised is the sum over kernels of sqrt(r^2 + d^2), r the logarithm of estimated over measured, and over
parameters of (log(value / prior) / spread)^2 / 2, by Levenberg-Marquardt steps on reweighted squares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hwsim.engines.gpu.devices import Array
from hwsim.engines.gpu.parameters import Parameter, Parameters

ROBUST = 0.05
"""Errors below this weigh by their square, above it by their size."""
STEP = 1e-3
"""Step of the finite differences, in the logarithm of a parameter."""
LONGEST_STEP = 0.7
ENOUGH = 3e-4
"""Relative gain of a step below which the fit ends."""
MOST_TRIES = 8

Model = Callable[[Parameters], Array]


class _Problem:
    """The parameters that move, the measured logarithms, and the cost."""

    def __init__(self, model: Model, seconds: Array, parameters: Mapping[str, Parameter]) -> None:
        self.model = model
        self.measured = np.log(seconds)
        self.held = {name: each.prior for name, each in parameters.items() if not each.spread}
        self.names = [name for name, each in parameters.items() if each.spread]
        self.prior = np.log([parameters[name].prior for name in self.names])
        self.spread = np.array([parameters[name].spread for name in self.names])

    def values(self, point: Array) -> dict[str, float]:
        moved = {name: float(value) for name, value in zip(self.names, np.exp(point), strict=True)}
        return {**self.held, **moved}

    def residuals(self, point: Array) -> Array:
        return np.asarray(np.log(self.model(self.values(point))) - self.measured)

    def cost(self, residuals: Array, point: Array) -> float:
        misfit = np.sqrt(residuals**2 + ROBUST**2).sum()
        return float(misfit + 0.5 * (((point - self.prior) / self.spread) ** 2).sum())

    def slopes(self, point: Array, residuals: Array) -> Array:
        columns = []
        for place in range(len(point)):
            moved = point.copy()
            moved[place] += STEP
            columns.append((self.residuals(moved) - residuals) / STEP)
        return np.stack(columns, axis=1)


def fit(
    model: Model, seconds: Array, parameters: Mapping[str, Parameter], iterations: int = 40
) -> dict[str, float]:
    """Values of ``parameters`` with which ``model`` is nearest to ``seconds``; starts from the priors."""
    problem = _Problem(model, seconds, parameters)
    point, damping = problem.prior.copy(), 1e-2
    residuals = problem.residuals(point)
    cost = problem.cost(residuals, point)
    for _ in range(iterations):
        curvature, slope = _normal_equations(problem, point, residuals)
        found = _step(problem, point, cost, curvature, slope, damping)
        if found is None:
            break
        point, lower, damping = found
        residuals, gain = problem.residuals(point), cost - lower
        cost = lower
        if gain < ENOUGH * cost:
            break
    return problem.values(point)


def _normal_equations(problem: _Problem, point: Array, residuals: Array) -> tuple[Array, Array]:
    slopes = problem.slopes(point, residuals)
    weights = 1.0 / np.sqrt(residuals**2 + ROBUST**2)
    curvature = slopes.T @ (slopes * weights[:, None]) + np.diag(problem.spread**-2)
    return curvature, slopes.T @ (weights * residuals) + (point - problem.prior) / problem.spread**2


def _step(
    problem: _Problem, point: Array, cost: float, curvature: Array, slope: Array, damping: float
) -> tuple[Array, float, float] | None:
    """The next point, its cost and the damping after it; None where no step lowers the cost."""
    for _ in range(MOST_TRIES):
        damped = curvature + damping * np.diag(np.diag(curvature))
        step = np.clip(np.linalg.solve(damped, -slope), -LONGEST_STEP, LONGEST_STEP)
        lower = problem.cost(problem.residuals(point + step), point + step)
        if lower < cost:
            return point + step, lower, max(damping / 5.0, 1e-6)
        damping *= 4.0
    return None
