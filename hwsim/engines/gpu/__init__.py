"""GPUs: kernel by kernel, from datasheet figures and a few fitted parameters."""

from hwsim.engines.gpu.chip import Gpu

__all__ = ["Gpu"]
