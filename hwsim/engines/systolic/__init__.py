"""Systolic arrays: folds, actions, the register-transfer oracle, SCALE-Sim's refill rule."""

from hwsim.engines.systolic.array import SystolicArray

__all__ = ["SystolicArray"]
