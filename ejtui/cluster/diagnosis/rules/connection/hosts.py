"""Hosts that cannot be asked, releases that do not fit, discs that are full."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.amounts import amount
from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.finding import Finding

MAX_OTP_DISTANCE = 2
"""So many major releases apart Erlang nodes still talk to each other."""

SLACK = 64 * 1024 * 1024
"""Bytes that must stay free beside what is written."""

_MORE_FILES = 50
"""So many files more than those of the tables must have room."""


def _error(side: Side) -> str:
    """Why it does not answer, with the host's name once: most errors begin with it."""
    error = side.facts.error
    return error if error.startswith(f"{side.name} (") else f"{side.name}: {error}"


def unreachable(case: Case) -> Iterator[Finding]:
    for side in case.sides:
        if not side.facts.reachable:
            yield Finding(
                "host-unreachable",
                f"{side.name} cannot be reached",
                side.role,
                (_error(side),),
                "ejtui asks each host over its own connection, and there is none to this one.",
                "see the error of the connection, and the host's part of the configuration",
            )


def not_installed(case: Case) -> Iterator[Finding]:
    for side in case.sides:
        if side.facts.error_code == "not-installed":
            yield Finding(
                "not-installed",
                f"Erlang does not answer on {side.name}",
                side.role,
                (_error(side),),
                "ejtui asks a node through the Erlang that ejabberd itself runs on.",
                f"install ejabberd on {side.name}, or set erl and ejabberdctl in the configuration",
            )
        elif side.asked and not side.facts.ejabberd_version and not side.facts.failed:
            yield Finding(
                "not-installed",
                f"ejabberd was not found on {side.name}",
                side.role,
                (f"{side.name} reports no ejabberd version",),
                "The join is between two ejabberds that are installed and have run once.",
                f"install ejabberd on {side.name}, or set ejabberdctl in the configuration",
            )


def probe_failed(case: Case) -> Iterator[Finding]:
    """The probe's own mistakes: never taken for a state of the node."""
    for side in case.sides:
        whole = side.facts.error_code == "probe-failed"
        said = [side.facts.error] if whole else [*side.facts.failed, *side.exam.failed]
        if said:
            yield Finding(
                "probe-failed",
                f"ejtui's probe failed while it looked at {side.name}",
                side.role,
                tuple(f"{side.name}: {line}" for line in dict.fromkeys(said)),
                "What the probe could not look at is unknown, and nothing is known to be wrong "
                "with it. Waiting does not help: this is a mistake in ejtui, or a setting that "
                "it does not expect.",
                "compare the evidence with the host's settings; report it with this text",
            )


def probe_lost(case: Case) -> Iterator[Finding]:
    for side in case.sides:
        if side.facts.error_code == "probe-lost":
            yield Finding(
                "probe-failed",
                f"ejtui's probe on {side.name} ended or stopped answering",
                side.role,
                (_error(side),),
                "What the node does is unknown until a new probe is asked, which ejtui starts now; "
                "nothing is known to be wrong with the node.",
                "check again; where it happens again, look on that host for what ends the service "
                "user's processes, such as a lack of memory",
            )


def otp_distance(case: Case) -> Iterator[Finding]:
    refused = [
        f"from {here.name}: {peer.why}"
        for here, there in case.ways
        if (peer := here.facts.peers.get(there.node)) and peer.code == "otp-distance"
    ]
    if refused or _distance(case) > MAX_OTP_DISTANCE:
        yield Finding(
            "otp-distance",
            "the two Erlangs are too far apart",
            "both",
            (*(f"{side.name}: OTP {side.facts.otp_release}" for side in case.sides), *refused),
            "Erlang nodes talk to each other over at most two major releases.",
            "upgrade the older one in steps",
        )


def _distance(case: Case) -> int:
    releases = [side.facts.otp_release for side in case.sides]
    if not all(release.isdigit() for release in releases):
        return 0
    return abs(int(releases[0]) - int(releases[1]))


def disc_full(case: Case) -> Iterator[Finding]:
    """First needs room for its online backup, second for its copies of first's tables; the
    tables' size in memory stands for both.
    """
    needed = _needed(case)
    for side in case.sides:
        free = side.exam.free
        short = free is not None and free < needed
        if short or _too_few_files(case, side.exam.free_files):
            yield Finding(
                "disc-full",
                f"{side.name} has too little room on its disc",
                side.role,
                (_room_line(side, needed) if short else _files_line(case, side),),
                "The backup of first, or second's copies of its tables, would not fit.",
                f"make room below the database directory of {side.name}",
            )


def backup_full(case: Case) -> Iterator[Finding]:
    """Backups on another file system are copies, and need room there before a join."""
    if case.cluster_evidence:
        return
    for side in case.sides:
        free, needed = side.exam.backup_free, _needed_apart(case, side)
        short = free is not None and free < needed
        if side.exam.backups_apart and (short or _too_few_files(case, side.exam.backup_files)):
            yield Finding(
                "disc-full",
                f"{side.name} has too little room where its backups go",
                side.role,
                (_apart_line(case, side) if short else _files_line(case, side),),
                "The database and its backups are on different file systems, so that the backup "
                "is a copy; it would not fit.",
                f"make room there, or {_elsewhere(side)}",
                subjects=(side.name,),
            )


def backups_in_memory(case: Case) -> Iterator[Finding]:
    """A backup before a join is all there is of a database: it does not go into memory."""
    if case.cluster_evidence:
        return
    for side in case.sides:
        if side.exam.backups_in_memory:
            yield Finding(
                "disc-full",
                f"{side.name} would keep its backups in memory",
                side.role,
                (f"{side.name}: its database is on a disk, and its backups go to a tmpfs",),
                "What lies there is gone when the host boots again, and with it the only copy of a "
                "database that was set aside.",
                _elsewhere(side),
                subjects=(side.name,),
            )


def _elsewhere(side: Side) -> str:
    return f"name another directory with backup_dir in [nodes.{side.name}]"


def _too_few_files(case: Case, free: int | None) -> bool:
    return free is not None and free < _needed_files(case)


def _needed_files(case: Case) -> int:
    """A database has up to two files a table; some more are for what describes a backup."""
    return 2 * len(case.first.facts.tables) + _MORE_FILES


def _files_line(case: Case, side: Side) -> str:
    known = (side.exam.free_files, side.exam.backup_files)
    free = min(each for each in known if each is not None)
    return f"{side.name}: needs room for {_needed_files(case)} files; {free} free (`df -i`)"


def _needed_apart(case: Case, side: Side) -> int:
    return _needed(case) if side.role == "first" else side.facts.spool.bytes + SLACK


def _apart_line(case: Case, side: Side) -> str:
    return (
        f"{side.name}: its backups are on another file system than its database, and need at most "
        f"{amount(_needed_apart(case, side))} there; {amount(side.exam.backup_free)} free; files "
        "are copied, compared, then removed"
    )


def room_lines(case: Case) -> list[str]:
    """What is free on both, for a step's evidence."""
    apart = [_apart_line(case, side) for side in case.sides if side.exam.backups_apart]
    return [*(_room_line(side, _needed(case)) for side in case.sides), *apart]


def _needed(case: Case) -> int:
    return sum(table.memory for table in case.first.facts.tables) + SLACK


def _room_line(side: Side, needed: int) -> str:
    return f"{side.name}: needs at most {amount(needed)}; {amount(side.exam.free)} free"


FINDINGS = (
    Declaration(
        code="host-unreachable",
        meaning="ejtui has no connection to a host.",
        rules=(Rule("host", unreachable),),
        brings_about=(Kind.CONNECTION, Kind.SEPARATION, "dist-port-differs"),
        brings_about_there=(Kind.NOT_RUNNING,),
        instead="ejtui cannot repair a host that it does not reach: see why the connection fails, "
        "and the host's part of the configuration",
        not_in_lab="`ejtui lab down` shows it: ejtui then reaches neither host",
    ),
    Declaration(
        code="not-installed",
        meaning="A host has no ejabberd, or no Erlang that answers.",
        rules=(Rule("host", not_installed),),
        brings_about=(Kind.CONNECTION, Kind.SEPARATION),
        brings_about_there=(Kind.NOT_RUNNING,),
        instead="ejabberd and its Erlang come from the system's packages: install them, or set erl "
        "and ejabberdctl in the configuration",
        not_in_lab="it takes a host without ejabberd's packages, and the lab's hosts have them",
    ),
    Declaration(
        code="probe-failed",
        meaning="ejtui's own probe failed, so a part of a node's state is unknown.",
        rules=(Rule("host", probe_failed), Rule("host", probe_lost)),
        brings_about_there=(Kind.NOT_RUNNING,),
        instead="a mistake in ejtui is repaired in ejtui: report what the check shows",
        not_in_lab="it takes a mistake in ejtui",
    ),
    Declaration(
        code="otp-distance",
        meaning="The two Erlang/OTP releases are too far apart to connect.",
        rules=(Rule("distribution", otp_distance),),
        brings_about=(Kind.SEPARATION, "version-differs"),
        instead="upgrade the older Erlang yourself, in steps of two major releases at most",
        not_in_lab="it takes a second Erlang/OTP three releases away, and this computer has one",
    ),
    Declaration(
        code="disc-full",
        meaning="A disk has too little room for a backup, or for second's copies of the tables.",
        rules=(
            Rule("ejabberd", disc_full, after=("config-passwords",)),
            Rule("ejabberd", backup_full, after=("config-passwords",)),
            Rule("ejabberd", backups_in_memory, after=("config-passwords",)),
        ),
        instead="make room below the directory that the finding names, or name another directory "
        "for backups with backup_dir in the configuration; then run the check again",
        not_in_lab="it takes a small disk, and the lab's hosts use this computer's",
    ),
)
