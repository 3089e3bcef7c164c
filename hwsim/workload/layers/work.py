"""What vector work costs: scalar functions per element, per reduced fiber, and how often a fiber is walked.

This is the one place where they are counted. Each entry is derived from the formula beside it, with constants
that are known before the run (scales, 1/n, folded coefficients) folded together. ``divide`` by a value shared
by a whole fiber is one ``reciprocal`` a fiber and a ``multiply`` an element. ``move`` is the transport of one
element.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

Counts = Mapping[str, int]

FUNCTIONS = (
    "add",
    "subtract",
    "multiply",
    "divide",
    "max",
    "min",
    "compare",
    "exp",
    "log",
    "sqrt",
    "rsqrt",
    "reciprocal",
    "tanh",
    "erf",
    "sigmoid",
    "sin",
    "cos",
    "round",
    "move",
)
"""Every scalar function that vector work is counted in."""


@dataclass(frozen=True, slots=True)
class Work:
    """Functions for each element and for each fiber (a row that is reduced), and the walks over a fiber."""

    element: Counts
    fiber: Counts = field(default_factory=dict)
    passes: int = 1

    def total(self, elements: int, fibers: int = 0) -> tuple[tuple[str, int], ...]:
        """The functions of ``elements`` elements in ``fibers`` fibers, in the order of :data:`FUNCTIONS`."""
        counts = {name: count * elements for name, count in self.element.items()}
        for name, count in self.fiber.items():
            counts[name] = counts.get(name, 0) + count * fibers
        return tuple((name, counts[name]) for name in FUNCTIONS if counts.get(name))


ELEMENTWISE: dict[str, Work] = {
    # x + y, x - y, x * y, x / y
    "add": Work({"add": 1}),
    "subtract": Work({"subtract": 1}),
    "multiply": Work({"multiply": 1}),
    "divide": Work({"divide": 1}),
    # x times a constant
    "scale": Work({"multiply": 1}),
    "maximum": Work({"max": 1}),
    "minimum": Work({"min": 1}),
    # comparisons, logic and selection by a condition
    "compare": Work({"compare": 1}),
    "where": Work({"compare": 1}),
    # x^y = exp(y log x); a constant square is x * x
    "power": Work({"log": 1, "multiply": 1, "exp": 1}),
    "square": Work({"multiply": 1}),
    "exp": Work({"exp": 1}),
    "log": Work({"log": 1}),
    "sqrt": Work({"sqrt": 1}),
    "rsqrt": Work({"rsqrt": 1}),
    "reciprocal": Work({"reciprocal": 1}),
    "erf": Work({"erf": 1}),
    "sin": Work({"sin": 1}),
    "cos": Work({"cos": 1}),
    "round": Work({"round": 1}),
    # |x| = max(x, -x); -x = 0 - x
    "absolute": Work({"max": 1}),
    "negate": Work({"subtract": 1}),
    # max(x, 0); min(max(x, low), high); max(x, a x) for a < 1; x or a_c x by the sign of x
    "relu": Work({"max": 1}),
    "clip": Work({"max": 1, "min": 1}),
    "leaky_relu": Work({"multiply": 1, "max": 1}),
    "prelu": Work({"compare": 1, "multiply": 1}),
    # x or a (exp(x) - 1) by the sign of x
    "elu": Work({"exp": 1, "subtract": 1, "multiply": 1, "compare": 1}),
    "sigmoid": Work({"sigmoid": 1}),
    "tanh": Work({"tanh": 1}),
    # min(max(a x + b, 0), 1), and the same times x
    "hard_sigmoid": Work({"multiply": 1, "add": 1, "max": 1, "min": 1}),
    "hard_swish": Work({"multiply": 2, "add": 1, "max": 1, "min": 1}),
    # log(1 + exp(x))
    "softplus": Work({"exp": 1, "add": 1, "log": 1}),
    # x tanh(log(1 + exp(x)))
    "mish": Work({"exp": 1, "add": 1, "log": 1, "tanh": 1, "multiply": 1}),
    # x sigmoid(x)
    "silu": Work({"sigmoid": 1, "multiply": 1}),
    # (x / 2) (1 + erf(x / sqrt 2))
    "gelu": Work({"multiply": 3, "erf": 1, "add": 1}),
    # (x / 2) (1 + tanh(x (c + d x x)))
    "gelu_tanh": Work({"multiply": 5, "add": 2, "tanh": 1}),
    # x sigmoid(1.702 x)
    "gelu_quick": Work({"multiply": 2, "sigmoid": 1}),
    # another number format; round(x / scale) + zero point, kept in range; (x - zero point) scale
    "cast": Work({"round": 1}),
    "quantize": Work({"multiply": 1, "round": 1, "add": 1, "max": 1, "min": 1}),
    "dequantize": Work({"subtract": 1, "multiply": 1}),
}
"""Operators whose output elements each need only the inputs at their own place."""

FIBERWISE: dict[str, Work] = {
    # walk 1: m = max x; walk 2: e = exp(x - m), s = sum e; walk 3: e * (1 / s)
    "softmax": Work({"max": 1, "subtract": 1, "exp": 1, "add": 1, "multiply": 1}, {"reciprocal": 1}, 3),
    # walk 1: m; walk 2: s = sum exp(x - m); walk 3: x - (m + log s)
    "logsoftmax": Work({"max": 1, "subtract": 2, "exp": 1, "add": 1}, {"log": 1, "add": 1}, 3),
    # walk 1: mean; walk 2: d = x - mean kept, v = sum d d; walk 3: d * rsqrt(v / n + eps) * gain + bias
    "layernorm": Work({"add": 3, "subtract": 1, "multiply": 3}, {"multiply": 2, "add": 1, "rsqrt": 1}, 3),
    # walk 1: v = sum x x; walk 2: x * rsqrt(v / n + eps) * gain
    "rmsnorm": Work({"multiply": 3, "add": 1}, {"multiply": 1, "add": 1, "rsqrt": 1}, 2),
    # walk 1: s = sum x; walk 2: x * (1 / s)
    "share": Work({"add": 1, "multiply": 1}, {"reciprocal": 1}, 2),
    # reductions of a fiber of n: n - 1 functions, counted n
    "reduce_sum": Work({"add": 1}),
    "reduce_mean": Work({"add": 1}, {"multiply": 1}),
    "reduce_max": Work({"max": 1}),
    "reduce_min": Work({"min": 1}),
    "reduce_product": Work({"multiply": 1}),
    "reduce_sum_square": Work({"multiply": 1, "add": 1}),
    "reduce_l1": Work({"max": 1, "add": 1}),
    "reduce_l2": Work({"multiply": 1, "add": 1}, {"sqrt": 1}),
    "argmax": Work({"compare": 1}),
    # a running sum
    "cumulative_sum": Work({"add": 1}),
    "max_pool": Work({"max": 1}),
    "average_pool": Work({"add": 1}, {"multiply": 1}),
}
"""Operators that reduce fibers of elements, whether or not they also return every element."""

SCALE = ELEMENTWISE["scale"]
"""A score times a constant."""

BIAS = Work({"add": 1})
"""A score plus a mask or a position bias."""

BATCHNORM = Work({"multiply": 1, "add": 1}, {"add": 1, "rsqrt": 1, "multiply": 2, "subtract": 1})
"""At inference ``x * a + b``; for each channel a = gain * rsqrt(var + eps), b = bias - mean * a."""

RELATIVE_BUCKET = Work({"subtract": 1, "max": 1, "log": 1, "multiply": 1, "round": 1, "min": 1, "compare": 1})
"""The bucket of a relative position d: d itself if small, else round(a log |d|), at most the last (T5)."""

ROTARY = Work({"multiply": 4, "add": 1, "subtract": 1})
"""A pair of elements (x, y) becomes (x cos - y sin, y cos + x sin); one element here is one pair."""

ROTARY_TABLE = Work({"multiply": 1, "sin": 1, "cos": 1})
"""The angle position * frequency of one pair, its sine and its cosine."""

MOVE = Work({"move": 1})
"""Transport of an element unchanged."""

INTERPOLATE = Work({"multiply": 4, "add": 3})
"""Bilinear interpolation: four neighbours weighted and added."""


def together(*works: Work) -> Work:
    """The work of functions applied to the same elements, within the walks of the longest."""
    element, fiber = Counter[str](), Counter[str]()
    for work in works:
        element.update(work.element)
        fiber.update(work.fiber)
    return Work(element, fiber, max(work.passes for work in works))


def local_response_work(size: int) -> Work:
    """``x / (k + a sum_{size channels} x x)^b``: the power is exp(-b log ...)."""
    return Work({"multiply": 4, "add": size + 1, "log": 1, "exp": 1})


def top_k_work(k: int) -> Work:
    """A heap of the best ``k``: each element is compared with the worst and sinks log2 k levels."""
    return Work({"compare": 1 + math.ceil(math.log2(k))})


def combine_work(k: int) -> Work:
    """``k`` outputs of experts, each times its weight, added up."""
    return Work({"multiply": k, "add": k - 1})


def selective_scan_work(state: int) -> Work:
    """The discrete scan of Mamba for one channel at one time (Gu & Dao 2023, equations 2a and 4, algorithm
    2).

    With ``state`` values h: A' = exp(dt A), h = A' h + (dt B) x, y = sum C h, then y + D x. Per state value:
    dt A, exp, A' h, (dt x) B, an add, C h and an add of the sum; once: dt x, D x and its add.
    """
    return Work({"multiply": 4 * state + 2, "exp": state, "add": 2 * state + 1})
