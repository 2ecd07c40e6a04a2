"""The network of the full form: a link between both hosts, and one from this computer to each.

Point-to-point links rather than a bridge: nothing here can be filtered by rules this computer has
for bridges, and the link between the hosts can be cut while both stay within reach.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from pathlib import Path

from ejtui.lab.errors import LabError
from ejtui.lab.place import HOSTS
from ejtui.lab.processes import run

# Half of the range set aside for benchmarks (RFC 2544), which no network routes; in blocks of four.
_RANGE: ipaddress.IPv4Network = ipaddress.IPv4Network("198.19.0.0/16")

# The names of the interfaces inside a host; a link to any further host has that one's name.
MACHINE_LINK = "machine"
PEER_LINK = "peer"


def interface(key: str, host: str) -> str:
    """The name of this computer's end of the link to a host (15 characters at most)."""
    return f"ejt{key}{HOSTS.index(host) + 1}"


def choose(key: str, outside: Sequence[str]) -> dict[str, str]:
    """Addresses for this computer, first and second that are not in use on this computer.

    `outside` is the prefix of a command that runs where this computer's ends of the links are.
    """
    used = _used(outside)
    blocks: list[ipaddress.IPv4Network] = list(_RANGE.subnets(new_prefix=30))
    start = int(key, 16)
    for step in range(len(blocks)):
        block = blocks[(start + step) % len(blocks)]
        if not any(block.overlaps(other) for other in used):
            machine, first, second = (str(block[place]) for place in (1, 2, 3))
            return {"machine": machine, "first": first, "second": second}
    raise LabError(f"no free addresses in {_RANGE}: remove the routes to it")


def _used(outside: Sequence[str]) -> list[ipaddress.IPv4Network]:
    answer = run([*outside, "ip", "-json", "-4", "route", "show", "table", "all"]).stdout
    found = []
    for route in json.loads(answer or b"[]"):
        destination = route.get("dst", "default")
        if destination != "default":
            network = ipaddress.ip_network(destination, strict=False)
            if network.prefixlen and isinstance(network, ipaddress.IPv4Network):
                found.append(network)
    return found


def connect(
    key: str, addresses: dict[str, str], hosts: dict[str, int], outside: Sequence[str]
) -> None:
    """Make the links; `hosts` are the process ids that hold the hosts' namespaces."""
    first, second = (hosts[host] for host in HOSTS)
    lines = [f"link add {PEER_LINK} netns {first} type veth peer name {PEER_LINK} netns {second}"]
    for host in HOSTS:
        name = interface(key, host)
        lines.append(f"link add {name} type veth peer name {MACHINE_LINK} netns {hosts[host]}")
    _batch(outside, lines)
    address(key, addresses, outside)


def address(key: str, addresses: dict[str, str], outside: Sequence[str]) -> None:
    """Give this computer's ends of the links their addresses."""
    lines = []
    for host in HOSTS:
        name = interface(key, host)
        lines += [
            f"address add {addresses['machine']} peer {addresses[host]}/32 dev {name}",
            f"link set {name} up",
        ]
    _batch(outside, lines)


def relay_ends(key: str, hosts: dict[str, int], machine: int) -> list[str]:
    """The ends of every link, as arguments for the relay; `machine` is a pid of this computer.

    What leaves a host is held, whichever link it takes.
    """
    first, second = HOSTS
    words = [f"{hosts[first]}:{PEER_LINK}:1", f"{hosts[second]}:{PEER_LINK}:1"]
    for host in HOSTS:
        words += [f"{machine}:{interface(key, host)}:0", f"{hosts[host]}:{MACHINE_LINK}:1"]
    return words


def host_batch(host: str, addresses: dict[str, str]) -> str:
    """The commands for `ip -batch` in a host, for its ends of the links to all the others."""
    lines = ["link set lo up"]
    for far in addresses:
        if far != host:
            lines += address_lines(host, far, addresses)
    return "\n".join(lines) + "\n"


def address_lines(host: str, far: str, addresses: dict[str, str]) -> list[str]:
    """The lines for a host's end of one link: to the other host, or "machine"."""
    pair = host in HOSTS and far in HOSTS
    name = PEER_LINK if pair else far
    return [
        f"address add {addresses[host]} peer {addresses[far]}/32 dev {name}",
        f"link set {name} up",
    ]


def remove(key: str) -> None:
    """Remove this computer's ends of the links; the kernel removes the others with them.

    Links vanish with their hosts too, but some time later.
    """
    for host in HOSTS:
        name = interface(key, host)
        if Path(f"/sys/class/net/{name}").exists():
            run(["ip", "link", "delete", name], check=False)


def _batch(outside: Sequence[str], lines: list[str]) -> None:
    run([*outside, "ip", "-batch", "-"], stdin=("\n".join(lines) + "\n").encode())
