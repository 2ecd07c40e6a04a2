"""Faults of second's magic cookie."""

from __future__ import annotations

from ejtui.lab import breakage
from ejtui.lab.faults.fault import Fault, Forms
from ejtui.lab.faults.node import LabNode, second
from ejtui.lab.lab import Lab


def _mismatch(lab: Lab) -> None:
    node = second(lab)
    node.stop()
    breakage.write_cookie(lab, "second")
    node.begin()
    node.until("mnesia:system_info(is_running) =:= yes")


def _mode(lab: Lab) -> None:
    node = second(lab)
    node.run("chmod", "644", _file(node))


def _owner(lab: Lab) -> None:
    node = second(lab)
    node.run("chown", "root:root", _file(node))


def _malformed(lab: Lab) -> None:
    """As when it was pasted from a terminal that wraps."""
    cookie = breakage.read_cookie(lab, "second").strip()
    half = len(cookie) // 2
    breakage.write_cookie(lab, "second", cookie[:half] + b"\n" + cookie[half:] + b"\n")


def _missing(lab: Lab) -> None:
    node = second(lab)
    node.run("rm", _file(node))


def _by_option(lab: Lab) -> None:
    """As an old guide has it: second starts with it, and does not meet first."""
    node = second(lab)
    node.stop()
    node.configure(ERL_OPTIONS="-setcookie OldGuide")
    node.begin()


def _file(node: LabNode) -> str:
    return f"{node.home}/.erlang.cookie"


FAULTS = (
    Fault(
        "cookie-mismatch",
        "another cookie in second's file, and its ejabberd started again",
        _mismatch,
        needs_joined=True,
    ),
    Fault("cookie-mode", "second's cookie file made readable for everybody", _mode),
    Fault(
        "cookie-owner",
        "second's cookie file given to root",
        _owner,
        forms=Forms.OWN_HOSTS,
    ),
    Fault("cookie-missing", "second's cookie file removed", _missing),
    Fault(
        "cookie-by-option",
        "-setcookie in second's ejabberdctl.cfg, and its ejabberd started again",
        _by_option,
        forms=Forms.OWN_HOSTS,
    ),
    Fault("cookie-malformed", "second's cookie broken into two lines", _malformed),
)
