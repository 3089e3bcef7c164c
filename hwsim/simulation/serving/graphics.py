"""A GPU as a device of a system: its kernel models, call by call."""

from __future__ import annotations

from dataclasses import dataclass, field

from hwsim.arch.machine import Arch
from hwsim.engines.gpu.calls import Call, price_calls
from hwsim.engines.gpu.datasheet import Datasheet
from hwsim.engines.gpu.processor import datasheet_of, processor_of
from hwsim.simulation.serving.pieces import NORMS, AttentionShape, Shape
from hwsim.simulation.serving.system import Load

DATATYPE = "fp16"
"""Datatype of the kernels: that of the NPUs they are compared with."""


@dataclass(frozen=True, eq=False)
class GraphicsDevice:
    """One GPU; what was asked is remembered."""

    arch: Arch
    _known: dict[object, Load] = field(default_factory=dict)

    @property
    def sheet(self) -> Datasheet:
        """Its figures."""
        return datasheet_of(self.arch)

    @property
    def capacity(self) -> int:
        """Bytes of its memory."""
        return int(self.sheet.capacity)

    @property
    def datatype(self) -> str:
        """The datatype of the kernels."""
        return DATATYPE

    @property
    def engine(self) -> str:
        """The processor."""
        return processor_of(self.arch)[0].name

    @property
    def peak_macs(self) -> float:
        """Multiply-accumulates a second."""
        return self.sheet.peaks[DATATYPE] / 2.0

    @property
    def peak_bandwidth(self) -> float:
        """Bytes a second of its memory."""
        return self.sheet.bandwidth

    def piece(self, shape: Shape, share: int) -> Load:
        """One kernel."""
        return self._priced((shape, share), _call(shape, share), -(-shape.moved // share))

    def attention(self, shape: AttentionShape, lengths: tuple[int, ...], share: int) -> Load:
        """One fused kernel for all requests, each of their mean length."""
        heads = -(-shape.kv_heads // share)
        mean = sum(lengths) / max(1, len(lengths))
        sizes = {
            "batch": float(len(lengths)),
            "heads": float(heads * shape.group),
            "kv_heads": float(heads),
            "head_dim": (shape.width + shape.values) / 2,
        }
        size = round(sum(lengths) * heads * (shape.width + shape.values) * shape.element_bytes)
        words = {"kv_dtype": DATATYPE}
        if shape.tokens == 1:
            sizes["kv_len"] = float(round(mean))
            call = Call("attention_decode", DATATYPE, sizes, words, fresh=True)
        else:
            sizes |= {"seq": float(round(mean)), "causal": 1.0}
            call = Call("attention_prefill", DATATYPE, sizes, words, fresh=True)
        return self._priced((shape, len(lengths), round(mean), share), call, size)

    def _priced(self, key: object, call: Call, size: int) -> Load:
        if key not in self._known:
            found = price_calls(self.arch, [call])
            seconds, memory = float(found.estimated[0]), size / self.sheet.bandwidth
            least = max(0.0, float(found.least[0]))
            self._known[key] = Load(least, memory, 0.0, max(seconds, memory))
        return self._known[key]


def _call(shape: Shape, share: int) -> Call:
    if shape.kind == "product":
        columns = -(-shape.N // share) if shape.weights else shape.N
        batch = shape.batch if shape.weights else -(-shape.batch // share)
        product = {"batch": batch, "m": shape.M, "n": columns, "k": shape.K}
        return Call("gemm", DATATYPE, {name: float(size) for name, size in product.items()}, fresh=True)
    elements = max(1, -(-shape.elements // (1 if shape.whole else share)))
    sizes = {"rows": 1.0, "cols": float(elements), "n_in": 1.0, "n_out": 1.0}
    if shape.work in NORMS and shape.fiber > 1:
        kind = "softmax" if shape.work == "softmax" else "layernorm"
        sizes |= {"rows": float(-(-elements // shape.fiber)), "cols": float(shape.fiber)}
        return Call(kind, DATATYPE, sizes, fresh=True)
    kind = "add" if shape.work == "add" else "relu"
    return Call(kind, DATATYPE, sizes | {"n_in": 2.0 if kind == "add" else 1.0}, fresh=True)
