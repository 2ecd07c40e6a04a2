"""What a server writes for people while one logs in, in whatever encoding it has.

The protocol asks for UTF-8, and servers send what is in their files. asyncssh decodes the banner
and the reasons of errors as its options ask; for the prompts it has no option, and gives up the
connection. So its handlers of the two methods that prompt are given packets of clean text.
"""

from __future__ import annotations

from typing import Any

from asyncssh import auth
from asyncssh.packet import SSHPacket

DECODE_ERRORS = "replace"
"""What the option `utf8_decode_errors` of every connection is."""


class _Clean(SSHPacket):
    """A packet whose strings are UTF-8, whatever was sent; it holds text alone."""

    def get_string(self) -> bytes:
        """Return the next string, what is no UTF-8 in it replaced."""
        return super().get_string().decode("utf-8", DECODE_ERRORS).encode()


def accept_any_text() -> None:
    """Have prompts in any encoding accepted, on all connections of this process."""
    for method in (b"keyboard-interactive", b"password"):
        handlers: Any = auth._client_auth_handlers[method]._packet_handlers
        for number, process in list(handlers.items()):
            if not getattr(process, "cleans", False):
                handlers[number] = _cleaning(process)


def _cleaning(process: Any) -> Any:
    def cleaned(self: Any, pkttype: int, pktid: int, packet: SSHPacket) -> Any:
        return process(self, pkttype, pktid, _Clean(packet.get_remaining_payload()))

    cleaned.cleans = True  # type: ignore[attr-defined]
    return cleaned
