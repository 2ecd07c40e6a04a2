"""Many accounts with rosters on first, made inside its own Mnesia."""

from __future__ import annotations

from pathlib import Path

from ejtui.lab.lab import Lab
from tests.lab.forms import CALL_AND_FORM

CONTACTS = 3
"""So many contacts has the roster of each account that is made."""

SAME = "same"
"""The storage that first has the tables in."""

_SOURCE = Path(__file__).with_name("crowd.erl")
_PATIENCE = 600.0

# Compiles what comes by standard input, runs it inside the node, and takes it away again.
_RUN = f"""[Name, Accounts, Contacts, Storage] = init:get_plain_arguments(),
{CALL_AND_FORM}{{ok, crowd, Code}} = compile:forms(Form(1, [])),
{{module, crowd}} = Call(code, load_binary, [crowd, "crowd.erl", Code]),
Numbers = [list_to_integer(Accounts), list_to_integer(Contacts)],
Sizes = Call(crowd, fill, Numbers ++ [list_to_atom(Storage)]),
Call(code, delete, [crowd]),
Call(code, purge, [crowd]),
io:format("~w~n", [Sizes]),
halt().
"""


def fill(
    lab: Lab, accounts: int, *, contacts: int = CONTACTS, storage: str = SAME, host: str = "first"
) -> tuple[int, int]:
    """Give first (or `host`) that many accounts more; how many accounts and contacts it has then.

    `storage` is what both tables are kept in from then on.
    """
    node = lab.form.node(host)
    own = "crowd@" + node.partition("@")[2]
    argv = [
        "erl", "-noshell", "-hidden", "-sname", own, "-eval", " ".join(_RUN.split("\n")),
        "-extra", node, str(accounts), str(contacts), storage,
    ]  # fmt: skip
    source = _SOURCE.read_bytes()
    printed = lab.run(
        host, argv, stdin=source, service=True, timeout=_PATIENCE + accounts / 500
    ).stdout.decode()
    passwd, roster = printed.strip("{}\n").split(",")
    return int(passwd), int(roster)
