"""Mamba, the selective state-space model (Gu and Dao 2023, arXiv:2312.00752), first version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pydantic import PositiveInt

from hwsim.spec.model import Spec
from hwsim.workload.families.blocks import add, embed, last_token, norm, token_input, vocabulary_scores
from hwsim.workload.families.phase import Layers
from hwsim.workload.families.registry import Family
from hwsim.workload.graph import Graph
from hwsim.workload.layers.contract import contract
from hwsim.workload.layers.linear import linear
from hwsim.workload.layers.move import append_to_cache, cut
from hwsim.workload.layers.vector import elementwise, selective_scan
from hwsim.workload.tensor import Tensor


class MambaConfig(Spec):
    """The shape of a Mamba model."""

    hidden: PositiveInt
    """Width of the model."""
    layers: Layers
    """How many layers."""
    inner: PositiveInt
    """Channels inside a layer."""
    state: PositiveInt = 16
    """State values of each channel."""
    kernel: PositiveInt = 4
    """Taps of the convolution over time."""
    step_rank: PositiveInt
    """Width of the low-rank projection that the step size is made of."""
    vocab: PositiveInt
    """Rows of the token table."""
    tied_embeddings: bool = True
    """Whether the language-model head uses the token table."""


class MambaParameters(Spec):
    """What a Mamba model is run on."""

    batch: PositiveInt = 1
    """Sequences at once."""
    sequence: PositiveInt = 2048
    """Tokens of each prompt."""
    phase: Literal["prefill", "decode"] = "prefill"
    """``prefill`` reads the prompt; ``decode`` makes one more token of each sequence from the state."""
    logits: Literal["last", "all"] = "last"
    """Whether the last token of each sequence or every one goes through the language-model head."""


def build(config: MambaConfig, parameters: MambaParameters) -> Graph:
    """The graph of a Mamba model."""
    graph = Graph()
    tokens = parameters.sequence if parameters.phase == "prefill" else 1
    inputs = token_input(graph, "tokens", parameters.batch, tokens)
    x = embed(graph, "token_embedding", inputs, config.vocab, config.hidden)
    step = _PROMPT if parameters.phase == "prefill" else _STEP
    stack = _Stack(graph, config, step)
    for index in range(config.layers):
        x = stack.layer(f"layer{index}", x)
    x = x if parameters.logits == "all" else last_token(graph, "last_token", x)
    x = norm(graph, "final_norm", "rmsnorm", x)
    table = graph.find("token_embedding.weight") if config.tied_embeddings else None
    vocabulary_scores(graph, "language_model_head", x, config.vocab, table)
    return graph


@dataclass(frozen=True, slots=True)
class _Phase:
    """How the convolution over time is computed, and whether the recurrence continues from a state."""

    convolve: Callable[[Graph, str, Tensor, MambaConfig], Tensor]
    continues: bool


@dataclass(frozen=True, slots=True)
class _Stack:
    """The layers and what they share."""

    graph: Graph
    config: MambaConfig
    phase: _Phase

    def layer(self, name: str, x: Tensor) -> Tensor:
        """Norm, expansion, convolution, selective scan, gate and contraction, and the residual."""
        graph, inner = self.graph, self.config.inner
        both = linear(graph, f"{name}.in", norm(graph, f"{name}.norm", "rmsnorm", x), 2 * inner)
        shape = (*x.shape[:2], inner)
        signal = cut(graph, f"{name}.signal", "slice", both, shape)
        gate = cut(graph, f"{name}.gate", "slice", both, shape)
        signal = self.phase.convolve(graph, f"{name}.convolution", signal, self.config)
        signal = elementwise(graph, f"{name}.silu", "silu", signal)
        scanned = self._scan(name, signal)
        gate = elementwise(graph, f"{name}.gate_silu", "silu", gate)
        gated = elementwise(graph, f"{name}.gated", "multiply", scanned, gate)
        return add(graph, f"{name}.sum", x, linear(graph, f"{name}.out", gated, self.config.hidden))

    def _scan(self, name: str, x: Tensor) -> Tensor:
        """The recurrence over time, its step size and its input and output vectors made of ``x``."""
        graph, config = self.graph, self.config
        made = linear(graph, f"{name}.selection", x, config.step_rank + 2 * config.state)
        low = cut(graph, f"{name}.step_low", "slice", made, (*x.shape[:2], config.step_rank))
        step = linear(graph, f"{name}.step", low, config.inner, bias=True)
        step = elementwise(graph, f"{name}.step_softplus", "softplus", step)
        decay = graph.weight(f"{name}.scan.decay", (config.inner, config.state))
        skip = graph.weight(f"{name}.scan.skip", (config.inner,))
        state = graph.declare(f"{name}.scan.state", (x.shape[0], config.inner, config.state), "state")
        before = (state,) if self.phase.continues else ()
        return selective_scan(graph, f"{name}.scan", x, (step, made, decay, skip, *before), state)


def _convolve_prompt(graph: Graph, name: str, x: Tensor, config: MambaConfig) -> Tensor:
    """Each channel of ``x`` [B, L, C] convolved over time; the last tokens are kept for decoding."""
    weight, bias = _taps(graph, name, config)
    history = graph.declare(f"{name}.history", (x.shape[0], config.kernel, config.inner), "state")
    kept = min(config.kernel, x.shape[1])
    append_to_cache(
        graph, f"{name}.keep", history, cut(graph, f"{name}.last", "slice", x, (x.shape[0], kept, x.shape[2]))
    )
    slide = f"L+R-{config.kernel - 1}" if config.kernel > 1 else "L+R"
    operands = [(x, f"B {slide} C"), (weight, "C R"), (bias, "C")]
    return contract(graph, name, operands, "B L C", kind="conv1d", sizes={"L": x.shape[1]})


def _convolve_step(graph: Graph, name: str, x: Tensor, config: MambaConfig) -> Tensor:
    """The convolution of one token ``x`` [B, 1, C] with those kept before it."""
    weight, bias = _taps(graph, name, config)
    history = graph.declare(f"{name}.history", (x.shape[0], config.kernel, config.inner), "state")
    append_to_cache(graph, f"{name}.keep", history, x)
    operands = [(history, "B L+R C"), (weight, "C R"), (bias, "C")]
    return contract(graph, name, operands, "B L C", kind="conv1d", sizes={"L": 1})


def _taps(graph: Graph, name: str, config: MambaConfig) -> tuple[Tensor, Tensor]:
    weight = graph.weight(f"{name}.weight", (config.inner, config.kernel))
    return weight, graph.weight(f"{name}.bias", (config.inner,))


_PROMPT = _Phase(_convolve_prompt, continues=False)
_STEP = _Phase(_convolve_step, continues=True)

FAMILY = Family("mamba", MambaConfig, MambaParameters, build)
