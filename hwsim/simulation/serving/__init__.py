"""Language models on NPUs, GPUs and memories that compute: iterations of a batch, and requests over time."""
