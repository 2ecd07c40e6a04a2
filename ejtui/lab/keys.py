"""The lab's keys, secrets, and the files that ssh and ejtui reach its hosts with."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping, Sequence

import tomli_w

from ejtui.lab.forms.tree import OPERATOR
from ejtui.lab.place import HOSTS, Place
from ejtui.lab.processes import run


def make_keys(place: Place, hosts: Sequence[str] = HOSTS) -> None:
    """Make what is missing of: a key to log in with, a host key for each host, the password."""
    for path in (place.identity, *(place.host_key(host) for host in hosts)):
        if not path.exists():
            comment = f"ejtui-lab-{path.name}"
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)])
    make_password(place)


def make_password(place: Place) -> None:
    """Make the password of all the lab's accounts, once."""
    if not place.password_file.exists():
        alphabet = string.ascii_lowercase + string.digits
        word = "".join(secrets.choice(alphabet) for _ in range(16))
        place.write(place.password_file, word + "\n")


def cookie() -> str:
    """A magic cookie as Erlang makes them: twenty capital letters."""
    return "".join(secrets.choice(string.ascii_uppercase) for _ in range(20))


def write_ssh(
    place: Place, addresses: Mapping[str, str], proxies: Mapping[str, str] | None = None
) -> None:
    """Write known_hosts and ssh_config; `proxies` are the hosts' ProxyCommands, where needed."""
    known, config = [], []
    for host in (name for name in addresses if name != "machine"):
        algorithm, key = place.host_key(host).with_suffix(".pub").read_text().split()[:2]
        known.append(f"{host},{addresses[host]} {algorithm} {key}")
        config += [
            f"Host {host} {addresses[host]}",
            f"    HostName {addresses[host]}",
            f"    User {OPERATOR}",
            f'    IdentityFile "{place.identity}"',
            "    IdentitiesOnly yes",
            f'    UserKnownHostsFile "{place.known_hosts}"',
            "    StrictHostKeyChecking yes",
        ]
        if proxies:
            config.append(f"    ProxyCommand {proxies[host]}")
    place.write(place.known_hosts, "\n".join(known) + "\n")
    place.write(place.ssh_config, "\n".join(config) + "\n")


def write_config(place: Place, nodes: Mapping[str, Mapping[str, object]]) -> None:
    """Write the configuration that ejtui joins the lab's hosts with."""
    table = {"first": "first", "second": "second", "nodes": nodes}
    place.write(place.config, tomli_w.dumps(table))


def ssh_node(place: Place, address: str) -> dict[str, object]:
    """A node's table for a host that is reached by ssh."""
    return {
        "address": address,
        "user": OPERATOR,
        "become": "sudo",
        "identity_file": str(place.identity),
        "known_hosts": str(place.known_hosts),
        "ssh_config": str(place.ssh_config),
    }
