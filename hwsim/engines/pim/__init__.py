"""Processing in memory: units in the banks, their commands beside the normal ones on the same channel."""

from hwsim.engines.pim.memory import ChannelMemory, Devices

__all__ = ["ChannelMemory", "Devices"]
