"""How long the grid of the FuseMax paper takes: five configurations, four models, six lengths, priced."""

from __future__ import annotations

import sys
import time

from hwsim.mapping.fused.configurations import CONFIGURATIONS
from hwsim.validation.fusemax_layers import MODELS, whole_layer
from hwsim.validation.references.fusemax import PAPER_LENGTHS, averages, tokens

LIMIT_S = 10.0


def main() -> int:
    """Print the time from nothing read to every layer priced; 1 if it is above the limit."""
    start = time.perf_counter()
    layers = [
        whole_layer(name, model, tokens(length))
        for name in CONFIGURATIONS
        for model in MODELS
        for length in PAPER_LENGTHS
    ]
    taken = time.perf_counter() - start
    print(f"{len(layers)} layers  {taken:6.3f} s   limit {LIMIT_S:.0f} s   {LIMIT_S / taken:5.1f} x below")
    print("\n".join(averages()))
    return int(taken >= LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
