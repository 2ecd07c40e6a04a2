"""What is wrong with a cookie file, in the words of the catalogue."""

from __future__ import annotations

from .facts import CookieFacts, NodeFacts
from .finding import Finding

FILE = ".erlang.cookie"


def cookie_finding(node: NodeFacts) -> Finding:
    """Why the cookie of this node cannot be used; the cookie must not be `usable`."""
    cookie = node.cookie
    if cookie.code == "cookie-malformed":
        return _finding(
            node,
            "cookie-malformed",
            "is malformed",
            cookie.why,
            "Erlang takes one line of printable characters; a trailing blank counts.",
            "write it again, as one line",
        )
    if cookie.code == "cookie-mode":
        return _finding(
            node,
            "cookie-mode",
            "is open to others",
            _mode(cookie),
            "Erlang refuses a cookie that anybody but its owner can read.",
            f"chmod 400 {FILE}",
        )
    if cookie.code == "cookie-missing":
        return _finding(
            node,
            "cookie-missing",
            "is missing",
            cookie.why or "no such file",
            "The first Erlang node that ran here as the service user would have made it.",
            "start ejabberd there once",
        )
    return _finding(
        node,
        "cookie-owner",
        "belongs to another user",
        f"owner {cookie.owner or 'unknown'}; {cookie.why}".rstrip("; "),
        "ejabberd's own user must own and read it.",
        f"chown {FILE} to the service user",
    )


def _mode(cookie: CookieFacts) -> str:
    return f"mode {cookie.mode:04o}" if cookie.mode is not None else cookie.why


def _finding(
    node: NodeFacts, code: str, what: str, evidence: str, explanation: str, repair: str
) -> Finding:
    return Finding(
        code,
        f"{node.name}'s cookie {what}",
        node.name,
        (f"{node.name}: {FILE}: {evidence}",),
        explanation,
        repair,
    )
