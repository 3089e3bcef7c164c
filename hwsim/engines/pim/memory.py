"""Memory modelled channel by channel, command by command, with or without PIM units in its banks, as a
component; and the system of like devices that share a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from hwsim.arch.component import Attributes, Count
from hwsim.arch.memory import Memory
from hwsim.arch.technology import Price, Technology
from hwsim.spec.errors import InputError
from hwsim.spec.quantity import Bandwidth, Energy, Time

if TYPE_CHECKING:
    from hwsim.engines.dram.device import Device


class ChannelMemory(Memory):
    """DRAM whose channels run command by command, with or without PIM units in its banks."""

    class_name: ClassVar[str] = "channel_memory"

    one_row_buffer: str
    """The DRAM device (a name in arch_configs/technology/dram/ or a file) with one row buffer a bank."""
    two_row_buffers: str | None = None
    """The same device with a second row buffer a bank for PIM; None where there is no such device."""
    row_buffers: Literal[1, 2] = 1
    """Row buffers of a bank: with two, normal commands and PIM commands share a channel's time."""
    channels: Count
    """Channels of one device."""
    pim: bool = False
    """Whether attention to cached keys and values runs in the banks."""
    stack_unit: Literal["bank", "bank_group", "base_die"] | None = None
    """Where the units of a stack are that spreads heads over channels (AttAcc); None where each request lives
    in one channel with a unit in every bank (NeuPIMs)."""
    channel_assignment: Literal["round_robin", "least_load"] = "round_robin"
    """How requests get their channel: in turns, or longest first to the channel with the least to do."""
    sub_batches: Literal["always", "never", "auto"] = "never"
    """Whether the batch is cut in two halves, one on the NPU while the other is in the banks; ``auto``: where
    it is faster."""

    @property
    def device(self) -> str:
        """The DRAM device in use.

        Raises:
            InputError: there is none with two row buffers.
        """
        if self.row_buffers == 1:
            return self.one_row_buffer
        if self.two_row_buffers is None:
            raise InputError("row_buffers is 2, and no device with two is named", hint="give two_row_buffers")
        return self.two_row_buffers

    def load(self) -> Device:
        """One channel of the device in use.

        Raises:
            InputError: it is at fault, or has no PIM commands and ``pim`` asks for them.
        """
        from hwsim.engines.dram.device import load_device

        device = load_device(self.device, 1)
        if self.pim and device.standard.doing("pim_compute") is None:
            raise InputError(f"{device.name} has no PIM commands", hint="take hbm2_newton or hbm2_neupims")
        return device

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Joules of each command by name, from the device's currents."""
        from hwsim.engines.dram.energy import command_energies

        del technology
        device = self.load()
        return {
            name: Price(joules, f"{device.name}: {device.file.source}")
            for name, joules in command_energies(device).items()
        }

    def area_price(self, technology: Technology) -> Price | None:
        """None: dies of DRAM have no price here."""
        del technology
        return None

    def leakage_price(self, technology: Technology) -> Price | None:
        """Watts of standby and refresh of all channels, from the device's currents."""
        from hwsim.engines.dram.energy import standing_power

        del technology
        device = self.load()
        source = f"{self.channels} channels of {device.name}: {device.file.source}"
        return Price(self.channels * standing_power(device), source)


class Devices(Attributes):
    """Like devices that share a model: tensor parallel in groups, the groups a pipeline."""

    class_name: ClassVar[str] = "devices"

    pipeline_parallel: Count = 1
    """Groups of devices, each with a share of the layers."""
    link_bandwidth: Bandwidth
    """Bytes per second from each device to the others, one direction."""
    link_latency: Time
    """Seconds of one message."""
    link_energy: Energy = 0.0
    """Joules a byte from one device to another."""
    efficiency: float = Field(default=1.0, gt=0, le=1)
    """Fraction of the link's bandwidth that collectives reach."""

    def action_energies(self, technology: Technology) -> Mapping[str, Price]:
        """Joules of a byte over a link."""
        del technology
        return {"byte": Price(self.link_energy, self.source or "link_energy of the machine")}
