"""The ways in which machines run workloads: a module each, found by being here.

A module has ``WAY``, a :class:`hwsim.simulation.way.Way`.
"""
