"""What the relay does with packets, on sockets in place of its devices."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ejtui.lab.forms.relay import Direction, relay
from tests.patience import SECONDS

_SENT = [str(number).encode() for number in range(100)]
_ROOM = 1 << 20
"""Bytes for what waits in a socket: all of it, with what the kernel counts for each packet."""


@contextmanager
def _relayed(delay: float, loss: float) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both outer ends of a link that is relayed; it ends with them."""
    left, right = (socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2))
    inner = [left[1].fileno(), right[1].fileno()]
    for end in (*left, *right):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)
    for end in (left[1], right[1]):
        end.setblocking(False)
    ways = {
        here: Direction(there, delay, random.Random(f"7 {here == inner[0]}"))  # noqa: S311
        for here, there in (inner, inner[::-1])
    }
    thread = threading.Thread(target=relay, args=(ways, loss))
    thread.start()
    try:
        yield left[0], right[0]
    finally:
        for end in (left[0], right[0]):
            end.close()
        thread.join(10)
        assert not thread.is_alive()
        for end in (left[1], right[1]):
            end.close()


def _through(loss: float) -> list[bytes]:
    """What comes of all that is sent; the last of it goes back and forth until it is not lost."""
    with _relayed(0.0, loss) as (here, there):
        came = []
        there.settimeout(0.5)
        for packet in _SENT:
            here.send(packet)
        here.settimeout(SECONDS)
        while True:
            here.send(b"end")
            try:
                while (packet := there.recv(100)) != b"end":
                    came.append(packet)
            except TimeoutError:
                continue
            return came


def test_without_loss_all_comes_in_its_order() -> None:
    assert _through(0.0) == _SENT


def test_the_same_packets_are_lost_each_time_and_the_rest_keeps_its_order() -> None:
    came = _through(0.2)
    assert came == _through(0.2)
    assert came == [packet for packet in _SENT if packet in set(came)]
    assert 0.05 < 1 - len(came) / len(_SENT) < 0.35


def test_both_ways_are_carried_and_what_waits_does_not_hold_up_the_other_way() -> None:
    with _relayed(0.02, 0.0) as (here, there):
        for end in (here, there):
            end.settimeout(SECONDS)
        here.send(b"one")
        there.send(b"other")
        here.send(b"two")
        assert there.recv(100) == b"one"
        assert here.recv(100) == b"other"
        assert there.recv(100) == b"two"
