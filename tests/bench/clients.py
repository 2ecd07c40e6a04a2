"""The longest wait of real clients on first while second joins, by ejtui and by join_cluster."""

from __future__ import annotations

import argparse
import base64
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, XMLPullParser

from join import Bare, bare, ejtui
from measure import ROOT, bench_lab, row

from ejtui.lab import people
from ejtui.lab.lab import Lab

sys.path.insert(0, str(ROOT))
from tests.lab.crowd import fill

PATIENCE = 60.0
PAUSE = 0.02
PORT = 5222
STREAM = (
    f"<stream:stream to='{people.DOMAIN}' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>"
)


class Client:
    """A connection to first, with as much of XMPP as a message and a roster change take."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self.user = user
        self._socket = socket.create_connection((address, PORT), timeout=PATIENCE)
        self._open()
        secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.send(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + secret + "</auth>"
        )
        self.until(lambda each: each.tag.endswith("}success"))
        self._open()
        self.send(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
            "<iq type='set' id='session'>"
            "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>"
        )
        self.until(lambda each: each.get("id") == "session")
        self.send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq><presence/>")
        self.until(lambda each: each.get("id") == "roster")

    @property
    def address(self) -> str:
        return f"{self.user}@{people.DOMAIN}"

    def _open(self) -> None:
        self._parser: XMLPullParser[Any] = XMLPullParser(("start", "end"))
        self._depth = 0
        self.send(STREAM)
        self.until(lambda each: each.tag.endswith("}features"))

    def send(self, text: str) -> None:
        self._socket.sendall(text.encode())

    def until(self, wanted: Callable[[Element], bool]) -> Element:
        """The next stanza of that kind. Raises OSError where the connection ends or is silent."""
        while True:
            for event, each in cast("Iterator[tuple[str, Element]]", self._parser.read_events()):
                self._depth += 1 if event == "start" else -1
                if event == "end" and self._depth == 1 and wanted(each):
                    return each
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError(f"{self.user} was disconnected")
            self._parser.feed(data)

    def close(self) -> None:
        self._socket.close()


@dataclass
class Waits:
    """Seconds that each request took, and what went wrong."""

    messages: list[float] = field(default_factory=list)
    rosters: list[float] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    @property
    def longest(self) -> float:
        return max(*self.messages, *self.rosters)


def talk(one: Client, other: Client, waits: Waits, ends: threading.Event) -> None:
    """Messages from one to the other, each when the one before it has come."""
    for number in range(sys.maxsize):
        if ends.wait(PAUSE):
            return
        name = f"m{number}"
        sent = time.perf_counter()
        one.send(
            f"<message to='{other.address}' type='chat' id='{name}'><body>{name}</body></message>"
        )
        other.until(lambda each, name=name: each.get("id") == name)  # type: ignore[misc]
        waits.messages.append(time.perf_counter() - sent)


def befriend(one: Client, waits: Waits, ends: threading.Event) -> None:
    """A contact whose name changes again and again."""
    for number in range(sys.maxsize):
        if ends.wait(PAUSE):
            return
        name = f"r{number}"
        sent = time.perf_counter()
        one.send(
            f"<iq type='set' id='{name}'><query xmlns='jabber:iq:roster'>"
            f"<item jid='friend@elsewhere.example' name='{name}'/></query></iq>"
        )
        one.until(lambda each, name=name: each.get("id") == name)  # type: ignore[misc]
        waits.rosters.append(time.perf_counter() - sent)


def guarded(act: Callable[..., None], *arguments: object) -> None:
    """A client's thread: what ends it is noted, in the waits that come before the last argument."""
    waits = arguments[-2]
    assert isinstance(waits, Waits)
    try:
        act(*arguments)
    except OSError as error:
        waits.trouble.append(str(error) or type(error).__name__)


@contextmanager
def clients(lab: Lab) -> Iterator[Waits]:
    """Three clients on first, busy inside."""
    address = urlsplit(lab.form.admin_pages()["first"]).hostname or "first"
    password = lab.place.password_file.read_text().strip()
    users = [each.user for each in people.people("first")[:3]]
    there = [Client(address, user, password) for user in users]
    waits, ends = Waits(), threading.Event()
    threads = [
        threading.Thread(target=guarded, args=(talk, there[0], there[1], waits, ends)),
        threading.Thread(target=guarded, args=(befriend, there[2], waits, ends)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield waits
    finally:
        ends.set()
        for thread in threads:
            thread.join(PATIENCE)
        for client in there:
            client.close()


def measured(lab: Lab, accounts: int, way: Callable[[Lab], object]) -> tuple[Waits, int]:
    """The clients' waits while that joins a fresh pair; how many contacts first has."""
    lab.reset()
    _, contacts = fill(lab, accounts)
    with clients(lab) as waits:
        way(lab)
    return waits, contacts


def shown(name: str, waits: Waits) -> None:
    """The longest waits, one line."""
    print(
        f"  {name}: message {max(waits.messages) * 1000:.0f} ms of {len(waits.messages)}, roster "
        f"change {max(waits.rosters) * 1000:.0f} ms of {len(waits.rosters)}; "
        f"{'; '.join(waits.trouble) or 'nobody disconnected, nothing lost'}"
    )


def main() -> None:
    """Print the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=33_000)
    wanted = parser.parse_args().accounts
    with bench_lab() as lab:
        ours, contacts = measured(lab, wanted, lambda lab: ejtui(lab, fresh=False))
        theirs, _ = measured(lab, wanted, lambda lab: bare(lab, Bare.join_cluster, fresh=False))
    print(f"\nlongest wait of a client on first, {contacts:,} contacts")
    shown("ejtui join", ours)
    shown("`ejabberdctl join_cluster`", theirs)
    row(
        f"longest wait of a client on first, {contacts:,} contacts",
        f"{ours.longest * 1000:.0f} ms",
        f"{theirs.longest * 1000:.0f} ms: `ejabberdctl join_cluster`",
        f"{ours.longest / theirs.longest:.2f}; target: ratio at most 1.0; "
        f"{len(ours.trouble)} disconnected or lost",
    )


if __name__ == "__main__":
    main()
