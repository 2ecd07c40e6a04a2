"""Ways to break the lab's hosts and links, and to repair them: for tests and for rehearsals.

What concerns the network needs hosts that each have a network namespace, and raises LabError
elsewhere.
"""

from __future__ import annotations

from typing import Literal

from ejtui import scripts
from ejtui.lab import keys
from ejtui.lab.errors import LabError
from ejtui.lab.forms import links
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS

EPMD_PORT = 4369

# A separate table: to repair is to remove it.
TABLE = "inet ejtui_lab"
_CHAIN = f"add table {TABLE}\nadd chain {TABLE} input {{ type filter hook input priority 0; }}\n"
_VERDICTS = {"silent": "drop", "refused": "reject with tcp reset"}

_CARRIES = scripts.shell(__file__, "carries.sh")

_PUT_COOKIE = scripts.shell(__file__, "put_cookie.sh")


def block_port(
    lab: Lab,
    host: str,
    port: int,
    how: Literal["silent", "refused"] = "silent",
    *,
    only_new: bool = False,
) -> None:
    """Let no TCP connection from the other host through to `port` of `host`.

    `silent` drops what comes, so that the other side waits; `refused` answers with a reset. The
    ssh of this computer to the host goes on. With `only_new`, connections that stand go on too.
    """
    _require_network(lab)
    verdict = ("tcp flags syn / syn,ack " if only_new else "") + _VERDICTS[how]
    rule = f'add rule {TABLE} input iifname "{links.PEER_LINK}" tcp dport {port} {verdict}\n'
    lab.run(host, ["nft", "-f", "-"], stdin=(_CHAIN + rule).encode())


def unblock(lab: Lab, host: str) -> None:
    """Take away every `block_port` of a host; well when there is none."""
    _require_network(lab)
    table = f"add table {TABLE}\ndelete table {TABLE}\n"
    lab.run(host, ["nft", "-f", "-"], stdin=table.encode())


def cut_link(lab: Lab) -> None:
    """Cut the link between the hosts, at once and for everything; both stay within ssh's reach."""
    _set_link(lab, "down")


def repair_link(lab: Lab) -> None:
    """Repair what `cut_link` cut, and wait until it carries packets; does nothing on a whole link.

    Raises LabError when it does not within ten seconds.
    """
    _set_link(lab, "up")
    for host, other in (HOSTS, HOSTS[::-1]):
        lab.run(host, ["timeout", "10", "bash", "-c", _CARRIES, "bash", other])


def cut_off(lab: Lab, host: str) -> None:
    """Make `host` unreachable from this computer: what is sent to it is lost, nothing replies."""
    _require_network(lab)
    lab.run(host, ["ip", "link", "set", links.MACHINE_LINK, "down"])


def reach_again(lab: Lab, host: str) -> None:
    """End what `cut_off` began; well when it is within reach."""
    _require_network(lab)
    lab.run(host, ["ip", "link", "set", links.MACHINE_LINK, "up"])


def hide_name(lab: Lab, host: str, name: str) -> None:
    """Let `name` no longer resolve on `host`."""
    _require_network(lab)
    lab.run(host, ["sed", "-i", f"/ {name}$/d", "/etc/hosts"])


def read_cookie(lab: Lab, host: str) -> bytes:
    """The host's cookie file, as it is. A secret: compare it, never print it."""
    return lab.run(host, ["cat", _cookie_file(lab, host)]).stdout


def write_cookie(lab: Lab, host: str, cookie: bytes | None = None) -> None:
    """Replace the host's cookie file with `cookie` (another one when None), well owned, mode 0400.

    A node that runs goes on with the cookie it has.
    """
    content = keys.cookie().encode() if cookie is None else cookie
    lab.run(host, ["sh", "-euc", _PUT_COOKIE, "sh", _cookie_file(lab, host)], stdin=content)


def _cookie_file(lab: Lab, host: str) -> str:
    return f"{lab.form.home(host)}/.erlang.cookie"


def _set_link(lab: Lab, state: str) -> None:
    _require_network(lab)
    lab.run("first", ["ip", "link", "set", links.PEER_LINK, state])


def _require_network(lab: Lab) -> None:
    if not lab.form.needs_namespaces:
        raise LabError("the hosts of this lab share this computer's network: nothing to break")
