"""Faults of epmd, which tells where a node listens."""

from __future__ import annotations

from ejtui.lab import breakage
from ejtui.lab.faults.fault import Fault, Forms
from ejtui.lab.faults.node import Node, first, second
from ejtui.lab.lab import Lab

# Registers a name with epmd, and holds it, without being a node of that name: what stays of a node
# whose socket to epmd was inherited by a program that outlived it. Ends when epmd does.
_HOLD = """
[Name] = init:get_plain_arguments(),
Port = list_to_integer(os:getenv("ERL_EPMD_PORT", "4369")),
Size = length(Name),
Request = <<$x, 9:16, 77, 0, 6:16, 5:16, Size:16, (list_to_binary(Name))/binary, 0:16>>,
{ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, [binary, {packet, 2}, {active, false}]),
ok = gen_tcp:send(Socket, Request),
ok = inet:setopts(Socket, [{packet, raw}]),
_ = gen_tcp:recv(Socket, 0),
_ = gen_tcp:recv(Socket, 0),
erlang:halt(0).
"""

# Takes epmd's port and never answers.
_SILENCE = """
Port = list_to_integer(os:getenv("ERL_EPMD_PORT", "4369")),
{ok, Listener} = gen_tcp:listen(Port, [inet6, {ipv6_v6only, false}, {reuseaddr, true}]),
Accept = fun Accept() -> {ok, _} = gen_tcp:accept(Listener), Accept() end,
Accept().
"""


def _down(lab: Lab) -> None:
    _kill_epmd(first(lab))


def _unreachable(lab: Lab) -> None:
    breakage.block_port(lab, "first", breakage.EPMD_PORT)


def _silent(lab: Lab) -> None:
    node = first(lab)
    _kill_epmd(node)
    node.plain_erl(_SILENCE)
    node.wait('ss -Hltn "sport = :$1" | grep -q .', str(breakage.EPMD_PORT))


def _stale(lab: Lab) -> None:
    node = second(lab)
    node.kill()
    alive = node.name.partition("@")[0]
    node.plain_erl(_HOLD, alive)
    node.wait('epmd -names | grep -q "^name $1 "', alive)


def _kill_epmd(node: Node) -> None:
    node.script("kill -KILL $(pgrep -x epmd)")
    node.wait("! epmd -names >/dev/null 2>&1")


FAULTS = (
    Fault("epmd-down", "first's epmd killed", _down, node="first", forms=Forms.OWN_HOSTS),
    Fault(
        "epmd-unreachable",
        "a firewall on first drops what comes for epmd",
        _unreachable,
        node="first",
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "epmd-silent",
        "first's epmd killed, and a program that never answers put on its port",
        _silent,
        node="first",
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "epmd-stale",
        "second's ejabberd killed, its name left with epmd",
        _stale,
        forms=Forms.OWN_HOSTS,
    ),
)
