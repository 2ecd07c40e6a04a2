"""The network connection under an SSH connection: the name resolved, each address tried in turn."""

from __future__ import annotations

import asyncio
import socket
from functools import partial

from ejtui.hosts.programs.background import run_in_thread


class Unresolved(Exception):
    """No name server has replied in time with the name's addresses."""


async def connected(
    host: str, port: int, *, family: int, local: tuple[str, int] | None, seconds: float
) -> socket.socket:
    """Return a socket that is connected to the host. Raises OSError, TimeoutError, Unresolved.

    `seconds` bounds the name's resolution, and then all attempts together: an address that never
    answers leaves the next ones their share.
    """
    ask = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
    try:
        async with asyncio.timeout(seconds):
            found = await run_in_thread(ask)
    except TimeoutError:
        raise Unresolved from None
    failure: OSError = OSError("it has no address")
    for kind, _, protocol, _, address in found:
        one = socket.socket(kind, socket.SOCK_STREAM, protocol)
        try:
            one.setblocking(False)
            if local:
                one.bind(local)
            async with asyncio.timeout(seconds / len(found)):
                await asyncio.get_running_loop().sock_connect(one, address)
        except OSError as exc:  # a timeout is one too
            failure = exc
            one.close()
        except BaseException:
            one.close()
            raise
        else:
            return one
    raise failure
