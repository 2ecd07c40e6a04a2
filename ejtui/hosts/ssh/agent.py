"""The agent's keys beside the one that the configuration names: tried after it.

Servers hang up after a few keys, and an agent may hold many.
"""

from __future__ import annotations

import asyncssh

from ejtui.config import HostConfig


def named_key(config: HostConfig) -> bytes | None:
    """Return the public half of identity_file, None where it cannot be seen without asking."""
    file = config.identity_file
    if file is None:
        return None
    try:
        return asyncssh.read_public_key(f"{file}.pub").public_data
    except (OSError, ValueError):
        pass
    try:
        return asyncssh.read_private_key(file).public_data
    except (OSError, ValueError):
        return None


class OtherKeys:
    """The agent's keys but one, given once."""

    def __init__(self, path: str | None, but: bytes | None) -> None:
        self._path = path
        self._but = but
        self._agent: asyncssh.SSHAgentClient | None = None

    async def take(self) -> list[asyncssh.SSHKeyPair]:
        """Return them; none the second time, without an agent, or where no key was named."""
        path, self._path = self._path, None
        if not path or self._but is None:
            return []
        try:
            self._agent = await asyncssh.connect_agent(path)
            keys = await self._agent.get_keys()
        except (OSError, ValueError):
            return []
        return [key for key in keys if key.public_data != self._but]

    def close(self) -> None:
        """Let go of the agent, once a connection stands or has failed."""
        if self._agent is not None:
            self._agent.close()
            self._agent = None
