"""Faults of the nodes' names, and of the names of their hosts."""

from __future__ import annotations

from ejtui.lab import breakage, people
from ejtui.lab.faults.fault import Fault, Forms
from ejtui.lab.faults.node import RUNS, first, second
from ejtui.lab.lab import Lab

_LONG_NAME = "second.example"
_NEW_NAME = "chat2"
_IPV6 = {"first": "fd00:e1::1", "second": "fd00:e1::2"}

# Gives a host one more name on a host: on the line that has its name already.
_ALIAS = r'sed -i "s/ $1\$/ $1 $2/" /etc/hosts'


def _style(lab: Lab) -> None:
    """Second as if it had been set up with a long name: a database, and its account, of that."""
    node = second(lab)
    node.stop()
    node.wipe()
    long = f"ejabberd@{_LONG_NAME}"
    for host in (node, node.peer):
        host.script(_ALIAS, "second", _LONG_NAME)
    node.configure(ERLANG_NODE=long)
    node.begin()
    node.until(RUNS, node=long)
    node.register(people.GUEST, node=long)


def _in_use(lab: Lab) -> None:
    """Somebody's erl, started while ejabberd was down, has ejabberd's name."""
    node = second(lab)
    node.stop()
    node.erl(name=node.name, background=True)
    node.until("true")


def _unresolvable(lab: Lab) -> None:
    breakage.hide_name(lab, "second", "first")


def _wrong_peer(lab: Lab) -> None:
    """Second's hosts file gives first's name the address of second's own name."""
    second(lab).script(r'sed -i "/ first\$/d; \$ a 127.0.1.1 second first" /etc/hosts')


def _ipv6_only(lab: Lab) -> None:
    one, two = first(lab), second(lab)
    for node in (one, two):
        node.run("ip", "address", "add", f"{_IPV6[node.host]}/64", "dev", "peer", "nodad")
    two.script(r'sed -i "s/.* first$/$1 first/" /etc/hosts', _IPV6["first"])


def _renamed(lab: Lab) -> None:
    """The host gets a new name, ejabberd's configuration too, and its database keeps the old."""
    node = second(lab)
    node.stop()
    for host in (node, node.peer):
        host.script(_ALIAS, "second", _NEW_NAME)
    node.script('hostname "$1"; echo "$1" > /etc/hostname', _NEW_NAME)
    new = f"ejabberd@{_NEW_NAME}"
    node.configure(ERLANG_NODE=new)
    node.fail_to_start(new)


FAULTS = (
    Fault(
        "name-style",
        "second set up with a long name (-name), first with a short one",
        _style,
        needs_joined=False,
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "name-in-use",
        "second's ejabberd stopped, and an erl of somebody's started under its name",
        _in_use,
    ),
    Fault(
        "unresolvable",
        "first's name taken from second's hosts file",
        _unresolvable,
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "wrong-peer-address",
        "first's name given to second's own address in second's hosts file",
        _wrong_peer,
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "ipv6-only",
        "first has only an IPv6 address in second's hosts file",
        _ipv6_only,
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "renamed",
        "second's host and node renamed, its database left as it was",
        _renamed,
        forms=Forms.OWN_HOSTS,
    ),
)
