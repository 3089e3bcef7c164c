"""Machines, cascades and shapes for the tests of fused attention."""

from __future__ import annotations

from functools import cache

from hwsim.arch.load import load_arch
from hwsim.einsum.read import load_cascade
from hwsim.mapping.fused.configurations import CONFIGURATIONS
from hwsim.mapping.fused.estimate import estimate_attention
from hwsim.mapping.fused.machine import two_array_machine
from hwsim.mapping.fused.shape import AttentionShape
from hwsim.spec.library import find


@cache
def machine(name, settings=()):
    return two_array_machine(load_arch(name, settings))


@cache
def cascade(name):
    return load_cascade(find("cascade", name))


def shape(length=1024, embed=64, instances=4):
    return AttentionShape(1, instances, length, length, embed, embed)


def estimate(name, of=None, settings=None):
    chosen = CONFIGURATIONS[name]
    arch = machine(chosen.machine, chosen.settings if settings is None else settings)
    return estimate_attention(arch, chosen, cascade(chosen.cascade), of or shape())
