"""Becoming root or the service user: sudo, doas, su, or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ejtui.hosts.errors import BecomeFailed, printable
from ejtui.hosts.wire import login_line

_REFUSALS = ("password", "auth", "not allowed", "not permitted", "not in the sudoers")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\$?")

# su is spelled differently everywhere. Linux's -c would take the terminal away (no Ctrl-C, no
# resize), so root steps down with runuser and others use --session-command; FreeBSD's -s is
# something else, and -m makes it use a shell although the service user has none.
_SU = (
    "case $(uname -s) in "
    'Linux) if [ "$(id -u)" = 0 ] && command -v runuser >/dev/null; '
    'then exec runuser -u "$1" -- /bin/sh -c "$2"; fi; '
    'exec su -s /bin/sh "$1" --session-command "$2";; '
    'FreeBSD) exec su -m "$1" -c "$2";; '
    '*) exec su -s /bin/sh "$1" -c "$2";; esac'
)


def way(become: str, login: str) -> str:
    """Return the way that is really used: root needs no sudo to step down."""
    return "su" if login == "root" else become


def becoming(
    way: str, login: str, user: str | None, argv: Sequence[str]
) -> tuple[str | None, list[str]]:
    """Return who is become (None: nobody, it is the login user) and the argv that does it.

    Raises ValueError with the reason when it cannot be done at all.
    """
    if user is None or user == login:
        return None, list(argv)
    if not _USER.fullmatch(user):
        raise ValueError(f"{user!r} is no user name")
    if way == "none":
        raise ValueError(f"{login} may not become {user}: the configuration says become = none")
    return user, _argv(way, user, argv)


def _argv(way: str, user: str, argv: Sequence[str]) -> list[str]:
    if way == "sudo":
        return ["sudo", "-n", "-H", "-u", user, "--", *argv]
    if way == "doas":
        return ["doas", "-n", "-u", user, *argv]
    return ["/bin/sh", "-c", _SU, "ejtui", user, login_line(argv)]


def failed(
    host: str, where: str, *, way: str, login: str, user: str, said: bytes, asked: bool
) -> BecomeFailed:
    """Return the error for a program that never began because the user was not become."""
    text = printable(said, 400)
    lower = text.lower()
    if "not found" in lower or "no such file" in lower:
        action = f'Install {way} there, or set become to one that is there ("sudo", "doas", "su").'
    elif asked or any(word in lower for word in _REFUSALS):
        action = _without_password(way, login, user)
    elif "does not exist" in lower or "unknown user" in lower:
        action = "Set service_user in the configuration to the user that ejabberd runs as there."
    else:
        action = f"Try `{way}` there by hand as {login}."
    why = "it asks for a password" if asked else (text or "it said nothing")
    return BecomeFailed(host, where, f"{login} could not become {user} with {way}: {why}", action)


def _without_password(way: str, login: str, user: str) -> str:
    if way == "sudo":
        return f"Allow it there with visudo: {login} ALL=({user}) NOPASSWD: ALL"
    if way == "doas":
        return f"Allow it there in doas.conf: permit nopass {login} as {user}"
    return 'su asks for a password: set become to "sudo" or "doas", or log in as root with a key.'
