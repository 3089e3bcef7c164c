"""What happens in the pads and on the networks of a row-stationary array: what its energy is priced with.

Every multiply-accumulate reads each pad once and writes the psum pad once. A word to or from the global
buffer takes one hop on the Y bus and one on the X bus of every row of PEs that it is for; sets that differ in
filters only lie side by side and share it. A sum that leaves has passed up the column of its set. Zeros are
not skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hwsim.engines.row_stationary.choice import costs_of
from hwsim.engines.row_stationary.layer import layer_of
from hwsim.engines.row_stationary.passes import Passes, row_words
from hwsim.engines.row_stationary.shapes import Fit, PeArray, fit_of
from hwsim.mapping.protocol import EngineAction
from hwsim.workload.contraction import Matmul

Action = tuple[str, str]
"""A kind of action and the role of its operand."""


def product_actions(
    array: PeArray, problem: Matmul, tiles: Iterable[tuple[int, Matmul]]
) -> tuple[EngineAction, ...]:
    """The actions of a whole product, done in ``tiles``."""
    found: Counter[Action] = Counter()
    for count, tile in tiles:
        for action, times in tile_actions(array, tile).items():
            found[action] += count * times
    first = problem.batch * problem.M * problem.N
    found["sum_bus_hop", "output"] -= 2 * first
    return tuple(EngineAction(name, role, count) for (name, role), count in found.items())


def tile_actions(array: PeArray, tile: Matmul) -> dict[Action, int]:
    """The actions of one tile, every sum read back before it is added to."""
    layer = layer_of(tile)
    fit = fit_of(array, layer)
    costs = costs_of(array, layer, (tile.batch, tile.M, tile.N, tile.K))
    passes, sharing = costs.passes, array.instances // costs.split
    lines = costs.split * _lines(fit, passes, tile)
    abreast = max(1, array.columns // passes.e)
    weights = tile.batch * tile.N * tile.K
    segments = -(-passes.e // array.columns)
    return {
        ("mac", "compute"): tile.points,
        ("ifmap_pad_read", "input"): tile.points,
        ("ifmap_pad_write", "input"): lines * passes.t,
        ("filter_pad_read", "weight"): tile.points,
        ("filter_pad_write", "weight"): weights * passes.e * sharing,
        ("psum_pad_read", "output"): tile.points,
        ("psum_pad_write", "output"): tile.points,
        ("psum_hop", "output"): costs.sums * (fit.rows * passes.r - 1),
        ("operand_bus_hop", "input"): costs.inputs + lines * -(-passes.t // abreast),
        ("operand_bus_hop", "weight"): weights * (1 + segments * sharing),
        ("sum_bus_hop", "output"): 2 * 2 * costs.sums,
    }


def _lines(fit: Fit, passes: Passes, tile: Matmul) -> int:
    """Words of input that one set a channel takes into its PEs: a row for each row of filter and output."""
    layer = fit.layer
    rows = int(layer.images(tile.M)) * int(layer.rows(tile.M)) * fit.rows * fit.pieces
    words = tile.batch * int(layer.channels(tile.K)) * rows * row_words(fit)
    return words * int(passes.filter_groups)
