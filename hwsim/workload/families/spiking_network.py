"""Spiking networks from the statistics of their layers: each layer is an Einsum with a rank of time steps.

Spike tensors have the spike rate as their density; machines that do not skip zeros run them like any others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, prod

from hwsim.spec.errors import InputError
from hwsim.workload.families import spiking_config as layers
from hwsim.workload.families.registry import Family
from hwsim.workload.families.spiking_config import Layer, Rate, SpikingConfig, SpikingParameters
from hwsim.workload.graph import Graph
from hwsim.workload.layers.contract import contract, projection
from hwsim.workload.layers.conv import Sliding, convolution
from hwsim.workload.layers.spike import fire, projected, spiking_linear, spiking_mask, spiking_scores
from hwsim.workload.layers.vector import apply_work, elementwise, pool, reduce
from hwsim.workload.operator import window
from hwsim.workload.tensor import Tensor

NAME = "spiking_network"


@dataclass(frozen=True, slots=True)
class Where:
    """Where in the network a layer is: the prefix of its name, and which repetition of a block it is in."""

    prefix: str = ""
    turn: int = 0

    def inside(self, name: str, turn: int | None = None) -> Where:
        """Within a block called ``name``."""
        return replace(self, prefix=f"{self.prefix}{name}.", turn=self.turn if turn is None else turn)


def build(config: SpikingConfig, parameters: SpikingParameters) -> Graph:
    """The graph of a spiking network.

    Raises:
        InputError: a layer does not fit its input.
    """
    graph = Graph()
    shape = (parameters.timesteps * parameters.batch, config.channels, *config.places)
    builder = Builder(graph, parameters)
    builder.chain(graph.declare("input", shape, "input"), config.layers, Where())
    if parameters.rate is not None:
        graph.note(f"assumed: every layer that hears spikes has a rate of {parameters.rate:g}")
    elif config.assumed_rates is not None:
        graph.note(f"assumed spike rates: {config.assumed_rates}")
    return graph


class Builder:
    """Adds layers to a graph; spikes are made where a layer has a rate."""

    def __init__(self, graph: Graph, parameters: SpikingParameters) -> None:
        self.graph, self.parameters = graph, parameters

    def chain(self, x: Tensor, chain: list[Layer], where: Where) -> Tensor:
        """Layers one after the other."""
        for layer in chain:
            x = self.layer(x, layer, where)
        return x

    def layer(self, x: Tensor, layer: Layer, where: Where) -> Tensor:
        """One layer."""
        name = f"{where.prefix}{layer.name}"
        match layer:
            case layers.Repeat():
                for turn in range(layer.times):
                    x = self.chain(x, layer.layers, where.inside(f"{layer.name}{turn}", turn))
            case layers.Residual():
                x = self.residual(x, layer, where, name)
            case layers.Conv():
                x = self.conv(self.heard(x, name, layer.rate, where), layer, name)
            case layers.SparseConv():
                x = self.sparse(self.heard(x, name, layer.rate, where), layer, name)
            case layers.Attention():
                x = self.attention(x, layer, where, name)
            case layers.Recurrent():
                x = self.recurrent(x, layer, where, name)
            case layers.Combine():
                x = self.combined(x, layer, name)
            case layers.Mean():
                x = reduce(self.graph, name, "reduce_mean", x, x.shape[:2])
            case layers.Pool():
                x = self.pool(x, layer, name)
        return x

    def rate(self, rate: Rate, where: Where, name: str) -> float:
        """The rate that counts here."""
        if self.parameters.rate is not None:
            return self.parameters.rate
        if isinstance(rate, float):
            return rate
        if where.turn >= len(rate):
            raise InputError(f"{name!r} has {len(rate)} rates and is repeated more often")
        return rate[where.turn]

    def heard(self, x: Tensor, name: str, rate: Rate | None, where: Where) -> Tensor:
        """The input of a layer: ``x`` as it is, or spikes where the layer has a rate."""
        if rate is None:
            return x
        return fire(self.graph, f"{name}.spikes", x, self.rate(rate, where, name))

    def conv(self, x: Tensor, layer: layers.Conv, name: str) -> Tensor:
        """A convolution that keeps the size at stride 1; on a vector a product."""
        axes = len(x.shape) - 2
        if axes == 0:
            weight = self.graph.weight(f"{name}.weight", (layer.channels, x.shape[1]))
            return contract(self.graph, name, [(x, "T C"), (weight, "F C")], "T F")
        if x.shape[1] % layer.groups or layer.channels % layer.groups:
            message = f"{layer.groups} groups do not divide {x.shape[1]} and {layer.channels} channels"
            raise InputError(f"{name!r}: {message}")
        kernel = (layer.kernel,) * axes
        weight = self.graph.weight(f"{name}.weight", (layer.channels, x.shape[1] // layer.groups, *kernel))
        around = (layer.kernel // 2,) * (2 * axes)
        sliding = Sliding(kernel, (layer.stride,) * axes, around, (1,) * axes)
        return convolution(self.graph, name, x, weight, None, sliding, layer.groups)

    def sparse(self, x: Tensor, layer: layers.SparseConv, name: str) -> Tensor:
        """A convolution at active sites, in a row: windows of as many sites as a kernel meets, rounded up."""
        if len(x.shape) != 3:
            message = f"active sites are one row of them, its input has {len(x.shape) - 2} axes"
            raise InputError(f"{name!r}: {message}")
        weight = self.graph.weight(f"{name}.weight", (layer.channels, x.shape[1], layer.taps))
        met = ceil(layer.neighbours)
        if met > layer.taps:
            raise InputError(f"{name!r}: {met} neighbours are more than its {layer.taps} taps")
        stride = max(1, x.shape[2] // layer.sites)
        sites = window("S", stride, "K", 1, met // 2)
        return contract(
            self.graph,
            name,
            [(x, (*projection("T C"), sites)), (weight, projection("F C K"))],
            "T F S",
            kind="sparse_conv",
            sizes={"S": layer.sites, "K": met},
            macs=round(x.shape[0] * layer.channels * x.shape[1] * layer.sites * layer.neighbours),
            shape=(x.shape[0], layer.channels, layer.sites),
        )

    def combined(self, x: Tensor, layer: layers.Combine, name: str) -> Tensor:
        """Channels multiplied into fewer."""
        shape = (x.shape[0], layer.channels, *x.shape[2:])
        return apply_work(self.graph, name, "combine", (x,), shape, (("multiply", x.elements),))

    def pool(self, x: Tensor, layer: layers.Pool, name: str) -> Tensor:
        """The maximum over windows that do not overlap."""
        size = tuple(-(-each // layer.window) for each in x.shape[2:])
        window = layer.window ** len(size)
        return pool(self.graph, name, "max_pool", x, (*x.shape[:2], *size), window)

    def residual(self, x: Tensor, layer: layers.Residual, where: Where, name: str) -> Tensor:
        """Layers with their input added; a product where the shape changes."""
        y = self.chain(x, layer.layers, where.inside(layer.name))
        if y.shape != x.shape:
            stride = max(1, round(x.shape[-1] / y.shape[-1])) if len(x.shape) > 2 else 1
            beside = layers.Conv(kind="conv", name="shortcut", channels=y.shape[1], stride=stride)
            at = where.inside(layer.name)
            spikes = self.heard(x, f"{at.prefix}shortcut", layer.shortcut_rate, at)
            x = self.conv(spikes, beside, f"{at.prefix}shortcut")
        if x.shape != y.shape:
            raise InputError(f"{name!r}: cannot add {list(x.shape)} to {list(y.shape)}")
        return elementwise(self.graph, f"{name}.add", "add", y, x)

    def recurrent(self, x: Tensor, layer: layers.Recurrent, where: Where, name: str) -> Tensor:
        """Products of the input and of the units' own spikes at the step before."""
        width = layer.features * layer.gates
        product = layers.Conv(kind="conv", name=layer.name, channels=width)
        fed = self.conv(self.heard(x, f"{name}.input", layer.rate, where), product, f"{name}.input")
        shape = (x.shape[0], layer.features, *x.shape[2:])
        state = self.graph.declare(
            f"{name}.own", shape, "state", density=self.rate(layer.recurrent_rate, where, name)
        )
        back = self.conv(state, product, f"{name}.recurrent")
        total = elementwise(self.graph, f"{name}.add", "add", fed, back)
        return reduce(self.graph, f"{name}.units", "reduce_sum", total, shape) if layer.gates > 1 else total

    def attention(self, x: Tensor, layer: layers.Attention, where: Where, name: str) -> Tensor:
        """Projections, the attention itself, and the projection of its spikes."""
        steps, channels, places = x.shape[0], x.shape[1], prod(x.shape[2:])
        if channels % layer.heads:
            raise InputError(f"{name!r}: {layer.heads} heads do not divide {channels} channels")
        split = (steps, layer.heads, channels // layer.heads, places)
        flat = (steps, channels, places)
        masked = layer.form in ("sdsa_1", "sdsa_2")
        spikes = fire(self.graph, f"{name}.spikes", x, self.rate(layer.rate, where, name), flat)
        rates = (layer.query_rate, layer.key_rate, layer.value_rate)
        names = ("query", "key", "value") if layer.form != "sdsa_2" else ("query", "key")
        query, key, *value = (
            fire(
                self.graph,
                f"{name}.{part}.spikes",
                self.projection(spikes, layer, f"{name}.{part}", x.shape[2:]),
                self.rate(rate, where, name),
                flat if masked else split,
            )
            for part, rate in zip(names, rates, strict=False)
        )
        rate = self.rate(layer.output_rate, where, name)
        if masked:
            gated = spiking_mask(self.graph, name, query, (key, *value), min(1.0, rate / query.density))
        else:
            mix = spiking_scores if layer.form == "ssa" else spiking_linear
            mixed = mix(self.graph, name, query, key, *value)
            gated = fire(self.graph, f"{name}.mixed.spikes", mixed, rate, flat)
        done = self.projection(gated, layer, f"{name}.projection", x.shape[2:])
        return self.graph.view(f"{name}.output", done, x.shape) if len(x.shape) != 3 else done

    def projection(self, x: Tensor, layer: layers.Attention, name: str, places: tuple[int, ...]) -> Tensor:
        """One projection: a product, or product, depth-wise convolution, product."""
        if not layer.separable:
            return projected(self.graph, name, x, x.shape[1])
        first = projected(self.graph, f"{name}.first", x, x.shape[1])
        side = self.graph.view(f"{name}.image", first, (x.shape[0], x.shape[1], *places))
        spread = layers.Conv(kind="conv", name="spread", channels=x.shape[1], kernel=3, groups=x.shape[1])
        wide = self.conv(side, spread, f"{name}.spread")
        return projected(self.graph, name, self.graph.view(f"{name}.flat", wide, x.shape), x.shape[1])


FAMILY = Family(NAME, SpikingConfig, SpikingParameters, build)
