"""The state of the pair that a fault starts from: joined, or two separate nodes."""

from __future__ import annotations

from collections.abc import Callable

from ejtui.lab import breakage
from ejtui.lab.errors import LabError
from ejtui.lab.faults.node import RUNS, atom, first, second
from ejtui.lab.lab import Lab

_TAKE_COOKIE = """
{ok, Text} = file:read_file("%s"),
erlang:set_cookie(node(), binary_to_atom(Text, latin1))
"""


def is_joined(lab: Lab) -> bool:
    """Whether first, which must run, has second as a member with its schema on disc."""
    one, two = first(lab), second(lab)
    members = f"lists:member({atom(two.name)}, mnesia:table_info(schema, disc_copies))"
    return one.ask(members) == "true"


def ensure_joined(lab: Lab, say: Callable[[str], None]) -> None:
    """Join the pair by ejabberd's own means unless it is; returns when both serve.

    Second's own accounts are lost: ejabberd's way keeps none. Raises LabError.
    """
    if is_joined(lab):
        return
    one, two = first(lab), second(lab)
    say(f"joining the pair first: ejabberdctl join_cluster {one.name} on second")
    share_cookie(lab)
    two.ctl("join_cluster", one.name)
    both = f"[] =:= [{atom(one.name)}, {atom(two.name)}] -- mnesia:system_info(running_db_nodes)"
    two.until(f"{RUNS} andalso ({both}) andalso mnesia:system_info(tables) =/= []")
    one.until(both)


def ensure_unjoined(lab: Lab) -> None:
    """Raise LabError when the pair is joined already."""
    if is_joined(lab):
        raise LabError("this fault needs a pair that is not joined: `ejtui lab reset` first")


def share_cookie(lab: Lab) -> None:
    """Give second first's cookie: its file and its node, which goes on running."""
    cookie = breakage.read_cookie(lab, "first")
    if breakage.read_cookie(lab, "second") == cookie:
        return
    two = second(lab)
    staged = f"{two.home}/.erlang.cookie.next"
    two.script('umask 277; cat > "$1"; chown --reference="$2" "$1"', staged, two.home, stdin=cookie)
    two.ask(_TAKE_COOKIE % staged)
    two.run("mv", "-f", staged, f"{two.home}/.erlang.cookie")
