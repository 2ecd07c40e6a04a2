"""Which format of passwords an ejabberd.yml sets, and where a new one means SCRAM. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.cluster.administration.document import Scalar, Value
from ejtui.cluster.administration.meanings import PASSWORD_FORMAT
from ejtui.cluster.administration.written import APPEND, HOST, Written

PLAIN = "plain"
"""What ejabberd takes where nothing is set."""

WHOLE_NODE = "every other virtual host"

_MAY_CHANGE = (PASSWORD_FORMAT, "hosts")


def is_about_passwords(options: Sequence[str]) -> bool:
    """Whether writing these may change the format for a virtual host."""
    return any(each.partition(" ")[0] in _MAY_CHANGE for each in options)


def new_scram(before: Written, after: Written) -> tuple[str, ...]:
    """The virtual hosts whose passwords were stored as plain text, and are no more with `after`."""
    named = dict.fromkeys(
        host for each in (before, after) for scope in (HOST, APPEND) for host in each.hosts(scope)
    )
    found = [host for host in named if _turns(before, after, host)]
    if _turns(before, after, ""):
        served = [host for host in _served(after) if host not in named]
        found += served or [WHOLE_NODE]
    return tuple(found)


def _turns(before: Written, after: Written, host: str) -> bool:
    return _format(before, host) == PLAIN != _format(after, host)


def _format(written: Written, host: str) -> str:
    """What is in effect for a virtual host; "" stands for those that the file names nowhere."""
    scopes = [(scope, host, PASSWORD_FORMAT) for scope in (APPEND, HOST)] if host else []
    for keys in (*scopes, (PASSWORD_FORMAT,)):
        value = written.value(keys)
        if isinstance(value, Scalar):
            return value.text
    return PLAIN


def _served(written: Written) -> list[str]:
    value: Value | None = written.value(("hosts",))
    items = value if isinstance(value, tuple) else (value,)
    return [each.text for each in items if isinstance(each, Scalar)]
