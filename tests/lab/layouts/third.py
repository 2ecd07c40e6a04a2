"""A third host beside the lab's two, for a cluster of three."""

from __future__ import annotations

from ipaddress import IPv4Address

from ejtui.lab import keys
from ejtui.lab.faults.node import LabNode
from ejtui.lab.forms import links
from ejtui.lab.forms.namespaces import NAMESPACES, Namespaces
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
from ejtui.lab.processes import run

THIRD = "third"


class ThreeHosts(Namespaces):
    """The full form with one host more, linked to both others and to this computer.

    It ends with the lab's own.
    """

    def add(self) -> None:
        """Make the third host, and a configuration and ssh's files with all three."""
        place = self._place
        keys.make_keys(place, [THIRD])
        self._hold(THIRD, [], NAMESPACES)
        holders = self._wait_for(THIRD)
        addresses = dict(place.read_state()["addresses"])
        # Of the block of four addresses that a lab has, the one that is left.
        addresses[THIRD] = str(IPv4Address(addresses["machine"]) - 1)
        self._link(holders, addresses)
        self._set_up(THIRD, holders[THIRD], addresses)
        keys.write_ssh(place, addresses)
        nodes = {host: keys.ssh_node(place, addresses[host]) for host in (*HOSTS, THIRD)}
        keys.write_config(place, nodes)

    def _link(self, holders: dict[str, int], addresses: dict[str, str]) -> None:
        third, outer = holders[THIRD], f"ejt{self._place.key}3"
        lines = [
            f"link add {outer} type veth peer name {links.MACHINE_LINK} netns {third}",
            f"address add {addresses['machine']} peer {addresses[THIRD]}/32 dev {outer}",
            f"link set {outer} up",
            *(
                f"link add {host} netns {third} type veth peer name {THIRD} netns {holders[host]}"
                for host in HOSTS
            ),
        ]
        run(["ip", "-batch", "-"], stdin="\n".join([*lines, ""]).encode())
        for host in HOSTS:
            ends = links.address_lines(host, THIRD, addresses)
            inside = [*self._nsenter(holders[host])]
            run([*inside, "ip", "-batch", "-"], stdin="\n".join([*ends, ""]).encode())
            line = f"{addresses[THIRD]} {THIRD}\n".encode()
            run([*inside, "tee", "-a", "/etc/hosts"], stdin=line)


def with_third(lab: Lab) -> Lab:
    """The lab with a third host, on which ejabberd runs with a new, separate database."""
    form = ThreeHosts(lab.place)
    form.add()
    three = Lab(lab.place, form)
    LabNode(three, THIRD).start()
    return three
