"""What the command line asks of the DRAM model."""

from __future__ import annotations

from typing import Any

from hwsim.engines.dram.address import address_map_of
from hwsim.engines.dram.controller import Controller
from hwsim.engines.dram.device import load_device
from hwsim.engines.dram.metrics import answer_of
from hwsim.engines.dram.simulate import simulate
from hwsim.engines.dram.streams import stream
from hwsim.spec.errors import InputError
from hwsim.spec.library import shown

WIDEST = 1024


def ask(
    device: str,
    pattern: str,
    n: int,
    seed: int,
    channels: int | None,
    scheduler: str,
    row_policy: str,
    refresh: str,
    issue_width: int | None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs with their hashes, and the answer of :func:`hwsim.engines.dram.metrics.answer_of`.

    Raises:
        InputError: any of it is at fault.
    """
    memory = load_device(device, channels)
    controller = Controller(scheduler=scheduler, row_policy=row_policy, refresh=refresh).checked()
    width = memory.organization.channels if issue_width is None else issue_width
    if not 1 <= width <= WIDEST:
        raise InputError(f"--issue-width must be from 1 to {WIDEST}, got {width}")
    requests = stream(pattern, n, seed, address_map_of(memory))
    run = simulate(memory, requests, controller, issue_width=width)
    file = {"file": shown(memory.document.file), "hash": memory.document.content_hash}
    asked = {"pattern": pattern, "n": n, "seed": seed, "channels": memory.organization.channels}
    chosen = {"scheduler": scheduler, "row_policy": row_policy, "refresh": refresh, "issue_width": width}
    return {"dram": file}, {**asked, **chosen, **answer_of(run)}
