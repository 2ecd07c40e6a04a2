"""What ejtui makes of a host of the lab."""

from __future__ import annotations

from ejtui.config import load
from ejtui.hosts import open_host
from ejtui.lab.lab import Lab
from ejtui.platforms import Platform, ask_platform


async def asked(lab: Lab, host: str) -> Platform:
    """What ejtui makes of the host."""
    config = load(lab.config_path).nodes[host]
    machine = open_host(config)
    await machine.connect()
    try:
        return await ask_platform(machine, config)
    finally:
        await machine.close()
