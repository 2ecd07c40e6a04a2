"""The magic cookie: its file on each node, and whether the two agree."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.diagnosis.rules.installation.unsafe import UNSAFE, unsafe_path
from ejtui.cluster.facts.node import COOKIE_DIGITS, CookieFacts
from ejtui.cluster.finding import Finding

FILE = ".erlang.cookie"


def cookie_file(case: Case) -> Iterator[Finding]:
    """What is wrong with either file, whatever is in it."""
    for side in case.sides:
        cookie = side.facts.cookie
        if side.asked and not cookie.usable and cookie.code not in ("probe-failed", UNSAFE):
            yield unusable(side)


def unusable(side: Side) -> Finding:
    """Why the cookie of this node cannot be used; it must not be `usable`."""
    cookie = side.facts.cookie
    if cookie.code == UNSAFE:
        return unsafe_path(side.role, side.name, (f"{FILE}: {cookie.why}",))
    if cookie.code == "cookie-malformed":
        return _finding(
            side,
            "cookie-malformed",
            "is malformed",
            cookie.why,
            "Erlang takes one line of printable characters; a trailing blank counts.",
            "write it again, as one line",
        )
    if cookie.code == "cookie-mode":
        return _finding(
            side,
            "cookie-mode",
            "is open to others",
            _mode(cookie),
            "Erlang refuses a cookie that anybody but its owner can read: a node that runs goes "
            "on, and does not start again.",
            f"chmod 400 {FILE}",
        )
    if cookie.code == "cookie-missing":
        return _finding(
            side,
            "cookie-missing",
            "is missing",
            cookie.why or "no such file",
            "The first Erlang node that ran here as the service user would have made it.",
            "start ejabberd there once",
            repaired_by="cookies" if side.role == "second" else "",
        )
    return _finding(
        side,
        "cookie-owner",
        "belongs to another user",
        f"owner {cookie.owner or 'unknown'}; {cookie.why}".rstrip("; "),
        "ejabberd's own user must own and read it: a node that runs goes on, and does not start "
        "again.",
        f"chown {FILE} to the service user",
    )


def _mode(cookie: CookieFacts) -> str:
    return f"mode {cookie.mode:04o}" if cookie.mode is not None else cookie.why


def _finding(
    side: Side,
    code: str,
    what: str,
    evidence: str,
    explanation: str,
    repair: str,
    repaired_by: str = "",
) -> Finding:
    return Finding(
        code,
        f"{side.name}'s cookie {what}",
        side.role,
        (f"{side.name}: {FILE}: {evidence}",),
        explanation,
        repair,
        subjects=(FILE,),
        repaired_by=repaired_by,
    )


def cookie_by_option(case: Case) -> Iterator[Finding]:
    """A cookie that an option gives: what is in the file counts for nothing then."""
    for side in case.sides:
        options, own = side.facts.cookie_options, side.facts.cookie
        needed = {own.sha256, case.first.facts.cookie.sha256} - {""}
        if not options or all({option.sha256} == needed for option in options):
            continue
        yield Finding(
            "cookie-by-option",
            f"an option gives {side.name}'s ejabberd its cookie, not the file",
            side.role,
            (
                *(
                    f"{side.name}: {option.path}, line {option.line}: -setcookie with "
                    f"{option.sha256[:COOKIE_DIGITS]}"
                    for option in options
                ),
                f"{side.name}: cookie file {own.digits or 'cannot be read'}",
            ),
            "The option wins over the file at each start of ejabberd, so that a cookie in the file "
            "changes nothing. Every user of the host sees such a cookie in `ps`.",
            f"move the cookie into {FILE} and take the option out",
            subjects=tuple(option.path for option in options),
        )


def cookie_refused(case: Case) -> Iterator[Finding]:
    """A running node that has another cookie than its own host's file."""
    for side in case.sides:
        facts = side.facts
        other = facts.vm == "up" and facts.vm_cookie not in ("", facts.cookie.sha256)
        refuses = facts.vm == "rejected"
        if not (refuses or other) or not facts.cookie.usable or _differ(case):
            continue
        yield Finding(
            "cookie-mismatch",
            f"{side.name}'s running node has another cookie than its own file",
            side.role,
            (
                f"{side.name}: cookie file {facts.cookie.digits}",
                f"{side.name}: {side.node}: "
                + (facts.vm_why if refuses else f"runs with {facts.vm_cookie[:COOKIE_DIGITS]}"),
            ),
            "The file was changed after ejabberd had started, or ejabberd is started with "
            "another cookie.",
            f"restart ejabberd on {side.name}, or restore the cookie it was started with",
            repaired_by="cookies" if _has_first_cookie(case, side) else "",
        )


def _has_first_cookie(case: Case, side: Side) -> bool:
    """Whether second's file holds first's cookie already, and its node still needs it."""
    return side.role == "second" and side.facts.cookie.sha256 == case.first.facts.cookie.sha256


def cookie_mismatch(case: Case) -> Iterator[Finding]:
    """Two nodes that are meant to be one cluster, with two cookies."""
    if not _differ(case):
        return
    first, second = (side.facts.cookie for side in case.sides)
    if second.bare_sha256 and second.bare_sha256 == first.bare_sha256:
        odd = case.second if second.sha256 != second.bare_sha256 else case.first
        yield _finding(
            odd,
            "cookie-malformed",
            "has blanks at its end",
            f"{second.digits}, first's {first.digits}; without blanks both are the same",
            "The two look equal and are not: for Erlang a blank is a part of the cookie.",
            "write it again, without blanks",
        )
        return
    yield Finding(
        "cookie-mismatch",
        "the two nodes have different cookies",
        "first" if case.first.facts.vm == "rejected" else "second",
        (
            f"first: cookie file {first.digits}",
            f"second: cookie file {second.digits}",
            f"they are meant to be one cluster: {case.cluster_evidence}",
            *_refusals(case),
            *(line for side in case.sides for line in side.saw("cookie-mismatch", running=True)),
        ),
        "Erlang nodes which talk to each other must have the same magic cookie; each refuses "
        "a node with another one.",
        "copy first's cookie to second, and restart second",
    )


def _differ(case: Case) -> bool:
    """Whether both files are usable and hold different cookies where they must not."""
    first, second = (side.facts.cookie for side in case.sides)
    return (
        bool(case.cluster_evidence)
        and first.usable
        and second.usable
        and first.sha256 != second.sha256
    )


def _refusals(case: Case) -> list[str]:
    return [
        f"from {here.name}: {peer.why}"
        for here, there in case.ways
        if (peer := here.facts.peers.get(there.node)) and peer.broken == "handshake"
    ]


def handshake(case: Case) -> Iterator[Finding]:
    """Usable and equal cookies, and still first does not accept second."""
    first, second = (side.facts for side in case.sides)
    peer = second.peers.get(first.node)
    if peer is None or peer.broken != "handshake" or peer.code == "otp-distance":
        return
    if first.vm != "up" or (not case.one_machine and second.has_address(peer.address)):
        return  # Its own host refuses it, whatever first would do.
    if not (first.cookie.usable and first.cookie.sha256 == second.cookie.sha256):
        return
    yield Finding(
        peer.code or "cookie-mismatch",
        "first refuses second's handshake",
        "first",
        (
            f"from second: {peer.why}",
            *(f"{side.name}: cookie file {side.facts.cookie.digits}" for side in case.sides),
        ),
        "Name, epmd and port are in order, and the two do not accept each other.",
        "restart ejabberd on first, so that it takes the cookie of its file",
        sure=False,
        settled_by="first's log at the moment of the attempt",
    )


_FILE = Rule("cookie", cookie_file)
_FILES = frozenset({Kind.COOKIE_FILE})
_BROUGHT = (Kind.NOT_RUNNING, "cookie-mismatch")

FINDINGS = (
    Declaration(
        code="cookie-malformed",
        meaning="A cookie file has more than one line of printable characters, or blanks.",
        rules=(_FILE,),
        kinds=_FILES,
        brings_about_there=_BROUGHT,
        messages=(r"Too short cookie string|Bad characters in cookie",),
    ),
    Declaration(
        code="cookie-mode",
        meaning="Others than its owner may read a cookie file, so Erlang refuses it.",
        rules=(_FILE,),
        kinds=_FILES,
        brings_about_there=_BROUGHT,
        messages=(r"Cookie file .{0,200}must be accessible by owner only",),
    ),
    Declaration(
        code="cookie-missing",
        meaning="There is no cookie file.",
        rules=(_FILE,),
        kinds=_FILES,
        brings_about_there=_BROUGHT,
    ),
    Declaration(
        code="cookie-owner",
        meaning="A cookie file belongs to another user than ejabberd's.",
        rules=(_FILE,),
        kinds=_FILES,
        brings_about_there=_BROUGHT,
        messages=(r"Error when reading .{0,200}\.erlang\.cookie: eacces",),
    ),
    Declaration(
        code="cookie-by-option",
        meaning="An option of ejabberd's VM gives its cookie, and the file does not count.",
        rules=(Rule("cookie", cookie_by_option),),
        brings_about=("cookie-mismatch", Kind.SEPARATION),
        brings_about_there=(Kind.NOT_RUNNING,),
    ),
    Declaration(
        code="cookie-mismatch",
        meaning="The nodes, or a node and its own file, have different cookies.",
        rules=(
            Rule("cookie", cookie_refused),
            Rule("cookie", cookie_mismatch),
            Rule("cookie", handshake),
        ),
        brings_about=(Kind.SEPARATION,),
        brings_about_there=(Kind.NOT_RUNNING,),
        messages=(
            r"Connection attempt from node (?!'?ejtui_)\S+ rejected",
            r"Connection attempt from disallowed node (?!'?ejtui_)",
        ),
    ),
)
