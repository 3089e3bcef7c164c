"""Exploring designs: studies, sweeps, search, the store of points, Pareto fronts."""
