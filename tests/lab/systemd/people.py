"""Real XMPP clients on the lab's hosts, as people have them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from xml.etree import ElementTree

from slixmpp import JID, ClientXMPP
from slixmpp.exceptions import IqError
from slixmpp.stanza import Message

from tests.patience import SECONDS

PORT = 5222

_COMMANDS = "http://jabber.org/protocol/commands"


class Person(ClientXMPP):
    """Somebody who is logged in; `heard` gets each message as (sender, text)."""

    def __init__(self, account: str, password: str) -> None:
        # A host of the lab has a certificate that it made itself.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        super().__init__(account, password, ssl_context=context)
        self.heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.add_event_handler("message", self._hear)

    def _hear(self, message: Message) -> None:
        self.heard.put_nowait((JID(message["from"]).bare, message["body"]))

    async def log_in(self, address: str) -> None:
        """Log in there, and be seen. Raises TimeoutError, PermissionError."""
        answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        for event in ("session_start", "failed_auth", "stream_error"):
            self.add_event_handler(event, _answers(answered, event))
        self.connect(address, PORT)
        async with asyncio.timeout(SECONDS):
            if await answered != "session_start":
                raise PermissionError(f"{self.boundjid.bare} at {address}: {answered.result()}")
        self.send_presence()

    async def contacts(self) -> dict[str, str]:
        """The roster: names by account."""
        await self.get_roster(timeout=SECONDS)
        roster = self.client_roster
        return {str(jid): str(roster[jid]["name"]) for jid in roster.keys()}  # noqa: SIM118

    async def next_message(self) -> tuple[str, str]:
        """The next message that arrives: (sender, text)."""
        async with asyncio.timeout(SECONDS):
            return await self.heard.get()

    async def may(self, command: str) -> bool:
        """Whether an ad-hoc command of administrators is offered to this account."""
        iq = self.make_iq_set(ito=self.boundjid.domain)
        node = f"http://jabber.org/protocol/admin#{command}"
        iq.append(
            ElementTree.Element(f"{{{_COMMANDS}}}command", {"node": node, "action": "execute"})
        )
        try:
            answer = await iq.send(timeout=SECONDS)  # type: ignore[no-untyped-call]
        except IqError as error:
            if error.condition not in ("forbidden", "not-allowed"):
                raise
            return False
        return str(answer["type"]) == "result"


def _answers(answered: asyncio.Future[str], event: str) -> Callable[[object], None]:
    def happened(_: object) -> None:
        if not answered.done():
            answered.set_result(event)

    return happened


@asynccontextmanager
async def logged_in(account: str, password: str, address: str) -> AsyncIterator[Person]:
    """Somebody logged in at that address, and out again."""
    person = Person(account, password)
    try:
        await person.log_in(address)
        yield person
    finally:
        await person.disconnect(wait=0.2)
