"""CPUs: kernel by kernel, by the roofline and the dispatch. A formula only, not fitted to anything."""

from hwsim.engines.cpu.cores import Cpu

__all__ = ["Cpu"]
