"""What a server asks for is read in whatever encoding it comes."""

from __future__ import annotations

from typing import Any

import pytest
from asyncssh import auth
from asyncssh.packet import Boolean, SSHPacket, String, UInt32

from ejtui.hosts.ssh.texts import accept_any_text

ODD = "Schl\u00fcssel?".encode("latin-1")
SHOWN = "Schl\ufffdssel?"
_NUMBER = 60


class _Login:
    """The part of asyncssh's handlers that hears what was asked."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def create_task(self, heard: Any) -> None:
        self.heard.append(heard)

    def auth_failed(self) -> None:
        """A password that has expired was not taken."""

    def _receive_challenge(self, *what: object) -> tuple[object, ...]:
        return what

    def _change_password(self, *what: object) -> tuple[object, ...]:
        return what


def asked(method: bytes, packet: bytes) -> Any:
    accept_any_text()
    login = _Login()
    handler: Any = auth._client_auth_handlers[method]
    handler._packet_handlers[_NUMBER](login, _NUMBER, 0, SSHPacket(packet))
    [heard] = login.heard
    return heard


def test_prompts_and_instructions() -> None:
    packet = String(ODD) + String(ODD) + String(b"") + UInt32(1) + String(ODD) + Boolean(False)
    assert asked(b"keyboard-interactive", packet) == (SHOWN, SHOWN, "", [(SHOWN, False)])


def test_the_prompt_for_a_new_password() -> None:
    assert asked(b"password", String(ODD) + String(b"")) == (SHOWN, "")


@pytest.mark.parametrize("method", [b"keyboard-interactive", b"password"])
def test_a_packet_that_is_cut_is_still_an_error(method: bytes) -> None:
    with pytest.raises(Exception, match="Incomplete packet"):
        asked(method, UInt32(99) + b"x")
