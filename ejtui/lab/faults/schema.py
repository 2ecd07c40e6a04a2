"""Faults of Mnesia's schema: two nodes that are not, or no longer, of one database."""

from __future__ import annotations

from ejtui import scripts
from ejtui.lab import people
from ejtui.lab.faults.fault import Fault, Forms
from ejtui.lab.faults.joined import share_cookie
from ejtui.lab.faults.node import LabNode, atom, first, second
from ejtui.lab.lab import Lab

_NEW_TABLE = scripts.erlang(__file__, "new_table.eval")


def _not_connected(lab: Lab) -> None:
    first(lab).stop()


def _split(lab: Lab) -> None:
    """Second's disk was replaced, and its ejabberd made an empty database on the new one."""
    node = second(lab)
    node.stop()
    node.wipe()
    node.start()
    node.register(people.GUEST)


def _ram(lab: Lab) -> None:
    """The join's erl was left before the schema went to disc, and ejabberd started after it."""
    node = second(lab)
    share_cookie(lab)
    node.stop()
    node.wipe()
    _join_in_memory(node, node.home)
    node.stop()
    node.start()


def _definitions(lab: Lab) -> None:
    """First has second as a member in memory, and on second's old disk it is a member with its
    schema on disc."""
    node = second(lab)
    node.stop()
    first(lab).ask(f"{{atomic, ok}} = mnesia:del_table_copy(schema, {atom(node.name)})")
    _join_in_memory(node, f"{node.home}/no-such-directory")
    node.stop()
    node.fail_to_start()


def _table_cookie(lab: Lab) -> None:
    node = second(lab)
    node.stop()
    apart = ("-kernel", "dist_auto_connect", "never")
    node.erl(*_mnesia(node.home), *apart, name=node.name, background=True)
    node.until("mnesia:system_info(is_running) =:= yes")
    for each in (node, node.peer):
        user = f'<<"made_on_{each.host}">>'
        each.ask(scripts.erlang(__file__, "new_table.eval", User=user))
    node.stop()
    node.fail_to_start()


def _join_in_memory(node: LabNode, directory: str) -> None:
    """Start an erl under the node's name that joins first with its schema in memory only."""
    member = "['%s'] -- mnesia:system_info(running_db_nodes) =:= []"
    extra = ("-mnesia", "extra_db_nodes", f"[{atom(node.peer.name)}]")
    node.erl(*_mnesia(directory), *extra, name=node.name, background=True)
    node.until(member % node.peer.name)
    node.peer.until(member % node.name)


def _mnesia(directory: str) -> tuple[str, ...]:
    return ("-mnesia", "dir", f'"{directory}"', "-s", "mnesia")


def _clone(lab: Lab) -> None:
    """As on a host that was made from an image of first's and then got another name."""
    share_cookie(lab)
    one, two = first(lab), second(lab)
    one.stop()
    two.stop()
    two.wipe()
    pack = 'cd "$1"; tar cf - *.DAT *.DC? *.LOG 2>/dev/null || :'
    copied = lab.run("first", ["sh", "-c", pack, "sh", one.home]).stdout
    lab.run("second", ["tar", "xf", "-", "-C", two.home], stdin=copied)
    one.begin()
    one.until("mnesia:system_info(is_running) =:= yes")


FAULTS = (
    Fault("not-connected", "first's ejabberd stopped", _not_connected, node="first"),
    Fault(
        "schema-split",
        "second's disk replaced: its ejabberd started with a new, empty database",
        _split,
        needs_joined=True,
    ),
    Fault(
        "same-database",
        "first's database copied over second's",
        _clone,
        needs_joined=False,
        forms=Forms.OWN_HOSTS,
    ),
    Fault(
        "schema-ram",
        "second joined in memory only, and started again",
        _ram,
        needs_joined=False,
    ),
    Fault(
        "schema-definitions",
        "second removed, joined again in memory, and started from its old disk",
        _definitions,
        needs_joined=True,
    ),
    Fault(
        "table-cookie",
        "one table made on each side while they were apart; second cannot start",
        _table_cookie,
        needs_joined=True,
    ),
)
