"""A name server that answers on request: `name_server.py ASKED MAY`.

It notes each name in the file ASKED as it is asked for, and answers nothing before there is a
file MAY: then that every name is 127.0.0.1.
"""

from __future__ import annotations

import socket
import struct
import sys
import threading
import time
from pathlib import Path

_A = 1


def answer(query: bytes, end: int) -> bytes:
    """The answer to a query whose question ends at `end`."""
    kind = struct.unpack("!H", query[end - 4 : end - 2])[0]
    found = kind == _A
    header = query[:2] + struct.pack("!HHHHH", 0x8180, 1, int(found), 0, 0)
    record = struct.pack("!HHHIH4s", 0xC00C, _A, 1, 0, 4, socket.inet_aton("127.0.0.1"))
    return header + query[12:end] + (record if found else b"")


def name(query: bytes) -> tuple[str, int]:
    """The name that is asked for, and where the question ends."""
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii"))
        at += 1 + query[at]
    return ".".join(labels), at + 5


def serve(asked: Path, may: Path) -> None:
    """Serve until the end."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))

        def reply(query: bytes, end: int, caller: tuple[str, int]) -> None:
            while not may.exists():
                time.sleep(0.01)
            server.sendto(answer(query, end), caller)

        print("listens", flush=True)
        while True:
            query, caller = server.recvfrom(4096)
            wanted, end = name(query)
            with asked.open("a") as file:
                file.write(f"{wanted}\n")
            threading.Thread(target=reply, args=(query, end, caller), daemon=True).start()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
