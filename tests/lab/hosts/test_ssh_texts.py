"""A server's texts for people in another encoding than UTF-8 keep nobody out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ejtui.hosts import Unreachable, open_host
from tests.lab.hosts.daemons import daemon
from tests.lab.hosts.test_ssh_trouble import Streams, listening
from tests.patience import SECONDS

if TYPE_CHECKING:
    from tests.lab.hosts.conftest import Sshd

BANNERS = {
    "latin-1": "Zugang nur für Befugte\n".encode("latin-1"),
    "every byte": bytes(range(1, 256)) * 20,
    "no line end": b"\xff" * 4000,
}


@pytest.mark.parametrize("banner", BANNERS)
async def test_a_banner(sshd: Sshd, tmp_path: Path, banner: str) -> None:
    file = sshd.work / "banner"
    file.write_bytes(BANNERS[banner])
    server = daemon(sshd, sshd.work, f"Banner {file}")
    host = open_host(server.config(server.trusting(tmp_path)))
    try:
        assert (await host.run(["echo", "in"])).stdout == b"in\n"
    finally:
        await host.close()


@pytest.mark.parametrize(
    "first_words",
    [b"SSH-2.0-\xd6ffnung\r\n", b"\xff\xfe\r\n" * 3, b"SSH-2.0-x\r\n" + b"\xff" * 5000],
)
async def test_a_server_that_is_none_is_named(sshd: Sshd, first_words: bytes) -> None:
    async def talk(streams: Streams) -> None:
        streams[1].write(first_words)
        await streams[1].drain()

    async with listening(talk) as port:
        host = open_host(sshd.config("opsh", port=port))
        async with asyncio.timeout(SECONDS):
            with pytest.raises(Unreachable) as caught:
                await host.connect()
        assert caught.value.layer == "ssh"
        await host.close()
