"""The database directory: whose it is, whose its files are, and whether it is the right one."""

from __future__ import annotations

from collections.abc import Iterator

from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case, Side
from ejtui.cluster.diagnosis.rules.start_log import WARNS, in_log
from ejtui.cluster.finding import Finding

SHOWN = 5
"""So many files are named."""


def dir_not_writable(case: Case) -> Iterator[Finding]:
    for side in case.sides:
        directory, spool = side.exam.directory, side.facts.spool
        if not side.asked or not (spool.error or (spool.exists and not directory.writable)):
            continue
        mode = f", mode {directory.mode:04o}" if directory.mode is not None else ""
        yield Finding(
            "dir-not-writable",
            f"ejabberd may not write in {side.name}'s database directory",
            side.role,
            (
                f"{side.name}: the directory belongs to {directory.owner or 'unknown'}{mode}",
                *((f"{side.name}: {spool.error}",) if spool.error else ()),
                *side.saw("dir-not-writable"),
            ),
            "Mnesia creates, renames and deletes files there all the time, and does not start "
            "where it may not.",
            "give the directory to the service user: chown, chmod 700",
        )


def dir_root_owned(case: Case) -> Iterator[Finding]:
    for side in case.sides:
        spool = side.facts.spool
        foreign = [file.name for file in spool.files if not file.owner_is_service]
        if not foreign:
            continue
        named = ", ".join(foreign[:SHOWN])
        more = f" and {len(foreign) - SHOWN} more" if len(foreign) > SHOWN else ""
        yield Finding(
            "dir-root-owned",
            f"{len(foreign)} of Mnesia's files on {side.name} belong to another user",
            side.role,
            (f"{side.name}: {named}{more}", *side.saw("dir-root-owned")),
            "Somebody ran erl or ejabberd there as root. ejabberd's own user cannot write those "
            "files, so that Mnesia does not start with them.",
            "chown them to the service user",
            subjects=tuple(foreign),
            repaired_by="permissions" if _is_member(case, side) else "",
        )


def _is_member(case: Case, side: Side) -> bool:
    """Whether all that is left to do for second is to start it."""
    return side.role == "second" and case.facts.first_keeps_second and case.same_schema


def wrong_dir(case: Case) -> Iterator[Finding]:
    for side in case.sides:
        facts = side.facts
        if not facts.mnesia_runs or not facts.directory or _same(side):
            continue
        yield Finding(
            "wrong-dir",
            f"{side.name}'s Mnesia works in another directory than ejabberdctl names",
            side.role,
            (
                f"{side.name}: it works in {facts.directory}",
                f"{side.name}: the database lies in another, with {len(facts.spool.files)} files"
                + (" and a schema" if facts.has_disc_schema else ""),
            ),
            "ejabberd was started with another -mnesia dir (or --spool) than its default: "
            "all runs, and none of the data is there.",
            f"restart ejabberd on {side.name} with its own directory",
            subjects=(facts.directory,),
        )


def _same(side: Side) -> bool:
    return side.exam.same_directory


FINDINGS = (
    Declaration(
        code="dir-not-writable",
        meaning="ejabberd may not write in its database directory.",
        warns=WARNS,
        rules=(Rule("schema", dir_not_writable), in_log("dir-not-writable")),
        brings_about_there=(Kind.NOT_RUNNING, Kind.DATABASE, "dir-root-owned"),
        messages=(
            r"Not allowed to write in Mnesia dir",
            r"could not write core file: eacces",
            r"Mnesia dir\S* .{0,80}eacces|cannot create.{0,80}eacces",
        ),
    ),
    Declaration(
        code="dir-root-owned",
        meaning="Some of Mnesia's files belong to another user, so ejabberd cannot write them.",
        warns=WARNS,
        rules=(Rule("schema", dir_root_owned), in_log("dir-root-owned")),
        brings_about_there=(Kind.NOT_RUNNING, Kind.DATABASE),
        messages=(r"(?:Cannot (?:read|open)|file_error|not_readable|badarg).{0,300}eacces",),
    ),
    Declaration(
        code="wrong-dir",
        meaning="Mnesia works in another directory than ejabberdctl names.",
        rules=(Rule("schema", wrong_dir),),
        brings_about=(Kind.DATABASE, "tables-missing", "stale-member", "renamed"),
        brings_about_there=(Kind.NOT_RUNNING,),
    ),
)
