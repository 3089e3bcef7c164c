"""SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the n-th number of a seed, for many n at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
Words = NDArray[np.uint64]


def words(seed: int, index: NDArray[np.int64]) -> Words:
    """The 64-bit numbers at ``index`` (from 0) of the sequence of ``seed``."""
    z = np.uint64(seed % 2**64) + (index.astype(np.uint64) + np.uint64(1)) * _GAMMA
    z = (z ^ (z >> np.uint64(30))) * _MIX[0]
    z = (z ^ (z >> np.uint64(27))) * _MIX[1]
    return z ^ (z >> np.uint64(31))


def units(seed: int, index: NDArray[np.int64]) -> NDArray[np.float64]:
    """As :func:`words`, as numbers from 0 to below 1 of 53 bits."""
    return (words(seed, index) >> np.uint64(11)).astype(np.float64) / float(1 << 53)
