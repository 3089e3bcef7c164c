"""Layers of the FuseMax paper, estimated: four models, any length, five configurations, two machines.

Batch and sizes are those of the artifact: BERT-base (arXiv 1810.04805), Transformer-XL large (arXiv
1901.02860), T5 small (arXiv 1910.10683), XLM (arXiv 1901.07291), each as published by its authors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hwsim.arch.load import load_arch
from hwsim.arch.machine import Arch
from hwsim.einsum.cascade import Cascade
from hwsim.einsum.read import load_cascade
from hwsim.energy.counted import Share, energy_shares
from hwsim.energy.load import load_technology
from hwsim.mapping.fused.actions import Count
from hwsim.mapping.fused.configurations import CONFIGURATIONS
from hwsim.mapping.fused.estimate import Estimate, estimate_attention
from hwsim.mapping.fused.linear import LinearEstimate, estimate_linear
from hwsim.mapping.fused.machine import two_array_machine
from hwsim.mapping.fused.shape import AttentionShape, LinearShape
from hwsim.spec.library import find

BATCH = 64
LINEAR_MACHINES = {"flat_hw": "flat_cloud", "fusemax_hw": "fusemax_cloud"}


@dataclass(frozen=True, slots=True)
class Model:
    """Width, heads, width of a head, width of the feed-forward network."""

    width: int
    heads: int
    head_width: int
    hidden: int


MODELS = {
    "BERT": Model(768, 12, 64, 3072),
    "TrXL": Model(1024, 16, 64, 4096),
    "T5": Model(512, 8, 64, 2048),
    "XLM": Model(2048, 16, 128, 8192),
}


@dataclass(frozen=True, slots=True)
class Priced:
    """Seconds, bytes and joules of a layer or a part of it; ``shares`` say where the joules go."""

    latency_s: float
    traffic_bytes: float
    shares: tuple[Share, ...]

    @property
    def energy_j(self) -> float:
        """Joules of everything."""
        return sum(share.energy for share in self.shares)


@cache
def attention(configuration: str, model: str, length: int) -> tuple[Estimate, Priced]:
    """The attention of a layer on the machine its configuration was published for.

    Raises:
        InputError: the length is not a whole number of tiles.
    """
    chosen = CONFIGURATIONS[configuration]
    arch = _arch(chosen.machine, chosen.settings)
    found = estimate_attention(
        two_array_machine(arch), chosen, _cascade(chosen.cascade), attention_shape(model, length)
    )
    return found, _priced(arch, found.latency_s, found.traffic.total_bytes, found.counts)


def attention_priced(configuration: str, model: str, length: int) -> Priced:
    """What the attention of a layer costs.

    Raises:
        InputError: the length is not a whole number of tiles.
    """
    return attention(configuration, model, length)[1]


@cache
def linear(hardware: str, model: str, length: int) -> Priced:
    """The linear layers around it on ``flat_hw`` or ``fusemax_hw``."""
    arch, size = _arch(LINEAR_MACHINES[hardware], ()), MODELS[model]
    shape = LinearShape(BATCH * length, size.width, size.heads * size.head_width, size.hidden)
    found: LinearEstimate = estimate_linear(two_array_machine(arch), shape)
    return _priced(arch, found.latency_s, found.traffic.total_bytes, found.counts)


@cache
def whole_layer(configuration: str, model: str, length: int) -> Priced:
    """Attention and linear layers one after the other.

    Raises:
        InputError: the length is not a whole number of tiles.
    """
    inside = attention_priced(configuration, model, length)
    machine = CONFIGURATIONS[configuration].machine
    hardware = next(name for name, known in LINEAR_MACHINES.items() if known == machine)
    around = linear(hardware, model, length)
    return Priced(
        inside.latency_s + around.latency_s,
        inside.traffic_bytes + around.traffic_bytes,
        (*inside.shares, *around.shares),
    )


@cache
def square_fusemax(side: int, model: str, length: int) -> tuple[Arch, Estimate]:
    """FuseMax with a grid of ``side`` x ``side`` and as many lanes.

    Raises:
        InputError: the length is not a whole number of tiles, or the buffer is too small.
    """
    settings = (f"array_2d.rows={side}", f"array_2d.columns={side}", f"array_1d.lanes={side}")
    arch, chosen = _arch("fusemax_cloud", settings), CONFIGURATIONS["fusemax"]
    shape = attention_shape(model, length)
    return arch, estimate_attention(two_array_machine(arch), chosen, _cascade(chosen.cascade), shape)


def attention_shape(model: str, length: int) -> AttentionShape:
    """The self-attention of one of the models."""
    size = MODELS[model]
    return AttentionShape(BATCH, size.heads, length, length, size.head_width, size.head_width)


@cache
def _arch(name: str, settings: tuple[str, ...]) -> Arch:
    return load_arch(name, settings)


@cache
def _cascade(name: str) -> Cascade:
    return load_cascade(find("cascade", name))


def _priced(arch: Arch, seconds: float, traffic: float, counts: tuple[Count, ...]) -> Priced:
    technology = load_technology(arch.technology)
    return Priced(seconds, traffic, energy_shares(arch, technology, counts))
