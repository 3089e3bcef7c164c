"""Mixtures of experts: a router, the experts that tokens are sent to, and experts that every token sees."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from hwsim.spec.model import Spec, fault
from hwsim.workload.families.blocks import add
from hwsim.workload.families.feed_forward import Activation, feed_forward
from hwsim.workload.families.routing import Routing, batches, token_counts
from hwsim.workload.graph import Graph
from hwsim.workload.layers.contract import contract
from hwsim.workload.layers.linear import linear
from hwsim.workload.layers.move import move
from hwsim.workload.layers.vector import apply_work, elementwise, normalize, reduce, top_k
from hwsim.workload.layers.work import ELEMENTWISE, combine_work
from hwsim.workload.tensor import Tensor

_MOST_EXPERTS = 65_536


class ExpertsConfig(Spec):
    """The shape of a mixture of experts; each expert is a gated feed-forward layer without bias."""

    count: Annotated[int, Field(gt=0, le=_MOST_EXPERTS)]
    """How many experts tokens are sent to."""
    top_k: PositiveInt
    """How many of them each token is sent to."""
    intermediate: PositiveInt
    """Width inside an expert."""
    shared_intermediate: NonNegativeInt = 0
    """Width inside the experts that every token sees, all together; 0: none."""
    shared_gate: bool = False
    """Whether a learned scalar for each token scales what the shared experts return."""
    scoring: Literal["softmax", "sigmoid"] = "softmax"
    """The function that makes scores of the router's outputs."""
    score_bias: bool = False
    """Whether a learned vector is added to the scores for the choice of experts (not for their weights)."""
    groups: PositiveInt = 1
    """Into how many groups the experts are split, of which only the best are considered."""
    top_groups: PositiveInt = 1
    """How many groups are considered."""
    dense_layers: NonNegativeInt = 0
    """How many layers at the beginning have an ordinary feed-forward layer instead."""

    @model_validator(mode="after")
    def _enough(self) -> ExpertsConfig:
        if self.top_k > self.count:
            raise fault(f"top_k {self.top_k} of {self.count} experts", at=("top_k",))
        if self.count % self.groups:
            raise fault(f"{self.groups} groups do not divide {self.count} experts", at=("groups",))
        return self


def mixture(
    graph: Graph, name: str, x: Tensor, config: ExpertsConfig, activation: Activation, routing: Routing
) -> Tensor:
    """For each token of ``x`` [B, P, D] the weighted sum of its experts, and the shared experts."""
    weights, choices = _route(graph, f"{name}.router", x, config)
    tokens = x.elements // x.shape[-1]
    counts = token_counts(routing, config.count, tokens * config.top_k)
    outputs = []
    for number, (share, experts) in enumerate(batches(counts)):
        place = f"{name}.experts{number}"
        if share:
            outputs.append(_expert_batch(graph, place, x, choices, (experts, share), config, activation))
        else:
            _idle(graph, place, x.shape[-1], experts, config.intermediate)
    functions = combine_work(config.top_k).total(x.elements)
    combined = apply_work(
        graph, f"{name}.combine", "combine", (*outputs, weights, choices), x.shape, functions
    )
    return _with_shared(graph, name, x, combined, config, activation)


def _route(graph: Graph, name: str, x: Tensor, config: ExpertsConfig) -> tuple[Tensor, Tensor]:
    """The weights [B, P, top_k] of each token's experts, adding up to one, and their numbers."""
    logits = linear(graph, name, x, config.count)
    if config.scoring == "softmax":
        scores = normalize(graph, f"{name}.softmax", "softmax", logits, config.count)
    else:
        scores = elementwise(graph, f"{name}.sigmoid", "sigmoid", logits)
    ranked = scores
    if config.score_bias:
        bias = graph.weight(f"{name}.score_bias", (config.count,))
        ranked = elementwise(graph, f"{name}.biased", "add", scores, bias)
    if config.groups > config.top_groups:
        ranked = _best_groups(graph, name, ranked, config)
    chosen, choices = top_k(graph, f"{name}.top_k", ranked, config.top_k)
    if ranked is not scores:
        part = ((scores, config.top_k / config.count),)
        chosen = move(graph, f"{name}.chosen", "gather", (scores, choices), chosen.shape, part)
    return normalize(graph, f"{name}.normalize", "share", chosen, config.top_k), choices


def _best_groups(graph: Graph, name: str, scores: Tensor, config: ExpertsConfig) -> Tensor:
    """Scores with the groups left out that do not have the best sums of their two best experts."""
    size = config.count // config.groups
    grouped = graph.view(f"{name}.grouped", scores, (*scores.shape[:-1], config.groups, size))
    best, _ = top_k(graph, f"{name}.group_best", grouped, min(2, size))
    sums = reduce(graph, f"{name}.group_sum", "reduce_sum", best, best.shape[:-1])
    _, chosen = top_k(graph, f"{name}.group_top_k", sums, config.top_groups)
    functions = ELEMENTWISE["where"].total(scores.elements)
    return apply_work(graph, f"{name}.group_mask", "where", (scores, chosen), scores.shape, functions)


def _expert_batch(
    graph: Graph,
    name: str,
    x: Tensor,
    choices: Tensor,
    batch: tuple[int, int],
    config: ExpertsConfig,
    activation: Activation,
) -> Tensor:
    """Experts with equally many tokens as one batch of products: (experts, tokens of each)."""
    experts, share = batch
    width = x.shape[-1]
    fraction = min(1.0, experts * share * width / x.elements)
    sent = move(graph, f"{name}.dispatch", "gather", (x, choices), (experts, share, width), ((x, fraction),))
    gate, up, down = _matrices(graph, name, width, experts, config.intermediate)
    gated = contract(graph, f"{name}.gate", [(sent, "X T D"), (gate, "X D F")], "X T F")
    risen = contract(graph, f"{name}.up", [(sent, "X T D"), (up, "X D F")], "X T F")
    inner = elementwise(graph, f"{name}.{activation}", activation, gated)
    inner = elementwise(graph, f"{name}.product", "multiply", inner, risen)
    return contract(graph, f"{name}.down", [(inner, "X T F"), (down, "X F D")], "X T D")


def _idle(graph: Graph, name: str, width: int, experts: int, inner: int) -> None:
    """Experts that no token is sent to: their weights exist, nothing reads them."""
    _matrices(graph, name, width, experts, inner)


def _matrices(graph: Graph, name: str, width: int, experts: int, inner: int) -> tuple[Tensor, Tensor, Tensor]:
    into, out = (experts, width, inner), (experts, inner, width)
    return (
        graph.weight(f"{name}.gate.weight", into),
        graph.weight(f"{name}.up.weight", into),
        graph.weight(f"{name}.down.weight", out),
    )


def _with_shared(
    graph: Graph, name: str, x: Tensor, combined: Tensor, config: ExpertsConfig, activation: Activation
) -> Tensor:
    if not config.shared_intermediate:
        return combined
    width = config.shared_intermediate
    shared = feed_forward(graph, f"{name}.shared", x, width, activation, gated=True, bias=False)
    if config.shared_gate:
        gate = elementwise(
            graph, f"{name}.shared_gate.sigmoid", "sigmoid", linear(graph, f"{name}.shared_gate", x, 1)
        )
        shared = elementwise(graph, f"{name}.shared_gated", "multiply", shared, gate)
    return add(graph, f"{name}.sum", combined, shared)
