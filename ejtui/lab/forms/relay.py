"""The process that delays packets between the hosts, and loses some: a slow connection.

It puts a TUN device at each end of each link. What it reads from one end it writes to the other
when its time has come; it never reorders. It is started as `python -I -S relay.py DELAY LOSS SEED
END …`: milliseconds, percent, a number, and ends by twos, each `PID:NAME:DELAYED` (the process in
whose network it is, its interface, and 1 where what leaves it is held). The words after these only
name its owner; the first of them becomes its name once the devices are there. The devices vanish
with the process, and the process ends when they are gone.
"""

import contextlib
import ctypes
import fcntl
import heapq
import os
import random
import selectors
import struct
import sys
import time
from itertools import count
from typing import NamedTuple

_TUN = "/dev/net/tun"
_TUNSETIFF = 0x400454CA
_IFF_TUN = 0x0001
_IFF_NO_PI = 0x1000
_CLONE_NEWNET = 0x40000000
_MOST = 65536


class End(NamedTuple):
    """One end of a link."""

    descriptor: int
    delayed: bool


class Direction(NamedTuple):
    """One direction of a link: seconds that a packet is held, and what decides which are lost."""

    target: int
    delay: float
    chance: random.Random


def open_end(word: str) -> End:
    """Make the device that the word names. Raises OSError."""
    pid, name, delayed = word.split(":")
    network = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(network, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), f"the network of process {pid} cannot be entered")
    os.close(network)
    descriptor = os.open(_TUN, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(
        descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI)
    )
    return End(descriptor, delayed == "1")


def relay(ways: dict[int, Direction], loss: float) -> None:
    """Carry packets until no device is left; `loss` is the part of them that is lost, 0 to 1."""
    selector = selectors.DefaultSelector()
    for source in ways:
        selector.register(source, selectors.EVENT_READ)
    waiting: list[tuple[float, int, int, bytes]] = []
    numbers = count()
    while selector.get_map():
        soonest = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for key, _ in selector.select(soonest):
            way = ways[key.fd]
            try:
                packet = os.read(key.fd, _MOST)
            except BlockingIOError:
                continue
            except OSError:
                packet = b""
            if not packet:
                # Its host has ended, and the device with it.
                selector.unregister(key.fd)
                continue
            if way.chance.random() >= loss:
                due = time.monotonic() + way.delay
                heapq.heappush(waiting, (due, next(numbers), way.target, packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, target, packet = heapq.heappop(waiting)
            # An end that is down takes nothing: the packet is lost as on any broken link.
            with contextlib.suppress(OSError):
                os.write(target, packet)


def main(words: list[str]) -> None:
    """Make every link's ends, then carry."""
    milliseconds, percent, seed = float(words[0]), float(words[1]), words[2]
    ends = [open_end(word) for word in words[3:-3]]
    ways: dict[int, Direction] = {}
    for one, two in zip(ends[::2], ends[1::2], strict=True):
        for source, target in ((one, two), (two, one)):
            held = milliseconds / 1000 if source.delayed else 0.0
            chance = random.Random(f"{seed} {len(ways)}")  # noqa: S311 - the same each time
            ways[source.descriptor] = Direction(target.descriptor, held, chance)
    with open("/proc/self/comm", "w") as name:  # noqa: PTH123 - as process 1 of a host does
        name.write(words[-3])
    relay(ways, percent / 100)


if __name__ == "__main__":
    main(sys.argv[1:])
