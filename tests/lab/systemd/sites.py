"""Two hosts of two sites: one short name, each with its own domain."""

from __future__ import annotations

from collections.abc import Mapping

from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS

SHORT = "xmpp"
"""What `hostname -s` answers on both."""

FULL: Mapping[str, str] = {"first": f"{SHORT}.north.example", "second": f"{SHORT}.south.example"}
"""What `hostname -f` answers, by host."""

_CALL = """
hostname "$1"
echo "$1" >/etc/hostname
cat >/etc/hosts <<END
127.0.0.1 localhost
$3 $2 $1
$5 $4
END
"""

_NAME = """
systemctl stop ejabberd
find /var/lib/ejabberd -mindepth 1 -maxdepth 1 ! -name .erlang.cookie -exec rm -rf {} +
sed -i /^ERLANG_NODE=/d /etc/default/ejabberd
echo "ERLANG_NODE=$1" >>/etc/default/ejabberd
systemctl start ejabberd
"""


def call(lab: Lab) -> None:
    """Gives both hosts these names."""
    addresses = lab.place.read_state()["addresses"]
    for host, peer in (HOSTS, HOSTS[::-1]):
        words = [SHORT, FULL[host], addresses[host], FULL[peer], addresses[peer]]
        lab.run(host, ["sh", "-euc", _CALL, "sh", *words])


def name_node(lab: Lab, host: str, node: str) -> None:
    """Makes a new database of a node of this name, and starts it."""
    lab.run(host, ["sh", "-euc", _NAME, "sh", node], timeout=120)
