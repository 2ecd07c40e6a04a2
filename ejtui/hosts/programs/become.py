"""Becoming root or the service user: sudo, doas, su, or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from ejtui import scripts
from ejtui.hosts.errors import BecomeFailed, printable
from ejtui.hosts.programs.wire import login_line

_FORBIDDEN = (
    "not in the sudoers", "not allowed", "may not run", "not permitted", "i'm afraid i can't",
)  # fmt: skip
"""What sudo, sudo-rs and doas print to a user who may not use them, whatever the password."""
_REFUSALS = ("password", "auth", *_FORBIDDEN)
_NO_SUCH_USER = re.compile(r"does not exist|unknown user|user '[^']*' not found")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\$?")

# Marks that what follows comes from sudo, doas or su, and not from a profile.
_ASKING = 'printf "ejtui-%s-ask;" "$0" >&2; exec "$@"'
_SUDO_PROMPT = "[sudo] password for %p: "

_SU = scripts.shell_line(__file__, "step_down.sh")


class Mode(Enum):
    """How a password reaches who asks for it."""

    NONE = "none is asked for"
    STDIN = "on standard input, before anything else"
    TERMINAL = "on a terminal"


def way(become: str, login: str) -> str:
    """Return the way that is really used: root needs no sudo to step down."""
    return "su" if login == "root" else become


def becoming(
    way: str,
    login: str,
    user: str | None,
    argv: Sequence[str],
    mode: Mode = Mode.NONE,
    token: str = "",
) -> tuple[str | None, list[str]]:
    """Return the user to become (None: none, it is the login user) and the argv that does it.

    Raises ValueError with the reason when it cannot be done at all.
    """
    if user is None or user == login:
        return None, list(argv)
    if not _USER.fullmatch(user):
        raise ValueError(f"{user!r} is no user name")
    if way == "none":
        raise ValueError(f"{login} may not become {user}: the configuration has become = none")
    become = _argv(way, login, user, argv, mode)
    return user, become if mode is Mode.NONE else ["/bin/sh", "-c", _ASKING, token, *become]


def _argv(way: str, login: str, user: str, argv: Sequence[str], mode: Mode) -> list[str]:
    if way == "sudo":
        ask = {Mode.NONE: ["-n"], Mode.STDIN: ["-S", "-p", _SUDO_PROMPT]}
        return ["sudo", *ask.get(mode, ["-p", _SUDO_PROMPT]), "-H", "-u", user, "--", *argv]
    if way == "doas":
        return ["doas", *(["-n"] if mode is Mode.NONE else []), "-u", user, *argv]
    if user != "root" and login != "root":
        # A service user has no password, and often no shell: root steps down to it.
        return _su("root", _su(user, argv))
    return _su(user, argv)


def _su(user: str, argv: Sequence[str]) -> list[str]:
    return ["/bin/sh", "-c", _SU, "ejtui", user, login_line(argv)]


def asking_modes(way: str) -> tuple[Mode, ...]:
    """Return how a password can be given, what disturbs least first."""
    return (Mode.STDIN, Mode.TERMINAL) if way == "sudo" else (Mode.TERMINAL,)


def failed(
    host: str,
    where: str,
    *,
    way: str,
    login: str,
    user: str,
    said: bytes,
    asked: bool,
    why_none: str | None = None,
) -> BecomeFailed:
    """Return the error for a program that never began because the user was not become.

    `why_none` is the reason why there was no password where one was needed.
    """
    text = printable(said, 400)
    lower = text.lower()
    elsewhere = False
    if _NO_SUCH_USER.search(lower):
        elsewhere = True
        action = "Set service_user in the configuration to the user that ejabberd runs as there."
    elif "not found" in lower or "no such file" in lower:
        elsewhere = True
        action = f'Install {way} there, or set become to one that is there ("sudo", "doas", "su").'
    elif asked or any(word in lower for word in _REFUSALS):
        allowed = not any(word in lower for word in _FORBIDDEN)
        action = (_to_give if allowed else _to_allow)(way, login, user)
    else:
        action = f"Try `{way}` there by hand as {login}."
    why = "it asks for a password" if asked else (text or "it printed nothing")
    if why_none is not None:
        why = why_none
    return BecomeFailed(
        host,
        where,
        f"{login} could not become {user} with {way}: {why}",
        action,
        password=not elsewhere and login != "root",
    )


def _to_give(way: str, login: str, user: str) -> str:
    """What to do where a password is wanted: the likely first."""
    others = {"sudo": "doas or su", "doas": "sudo or su", "su": "sudo or doas"}[way]
    whose = "root" if way == "su" else login
    without = {"sudo": ", with visudo", "doas": ", in doas.conf", "su": ""}[way]
    return (
        f"Give {whose}'s password, or set become to {others}. "
        f"To need no password{without}: {_rule(way, login, user)}"
    )


def _to_allow(way: str, login: str, user: str) -> str:
    """What to do where the user may not become another at all."""
    where = {"sudo": "with visudo", "doas": "in doas.conf", "su": "there"}[way]
    return f"Allow it {where}: {_rule(way, login, user)}; or set become to another way."


def _rule(way: str, login: str, user: str) -> str:
    if way == "sudo":
        return f"{login} ALL=({user}) NOPASSWD: ALL"
    if way == "doas":
        return f"permit nopass {login} as {user}"
    return "log in as root with a key"
