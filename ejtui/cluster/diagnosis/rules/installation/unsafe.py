"""Paths below the service user's directories that lead where that user must not write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ejtui.cluster.diagnosis.declaration import Declaration, Kind, Rule
from ejtui.cluster.diagnosis.rules.case import Case
from ejtui.cluster.finding import Finding
from ejtui.platforms.platform import BACKUPS

UNSAFE = "unsafe-path"


def unsafe_path(role: Literal["first", "second"], name: str, seen: tuple[str, ...]) -> Finding:
    """The finding for a node; `seen` has each path and what it is."""
    return Finding(
        UNSAFE,
        f"a path on {name} leads out of ejabberd's own files",
        role,
        tuple(f"{name}: {each}" for each in seen),
        "ejabberd's own user can make such a path, and nothing that ejtui does there as root or "
        "keeps there would be safe. Nobody but an attacker, or somebody who moved files by hand, "
        "makes one: if it was not you, look for signs that ejabberd was broken into.",
        "Look at the path by hand; replace it with a plain file or directory of ejabberd's user, "
        f"which nobody else can write, or remove it{_elsewhere(name, seen)}; then run ejtui again",
        subjects=seen,
    )


def _elsewhere(name: str, seen: tuple[str, ...]) -> str:
    """What to do instead of a link to a larger disk."""
    if not any(BACKUPS in each for each in seen):
        return ""
    return f". To keep backups on another disk, name its directory in [nodes.{name}], backup_dir"


def unsafe_paths(case: Case) -> Iterator[Finding]:
    """The cookie file, the database directory and the place of backups, on each node."""
    for side in case.sides:
        cookie = side.facts.cookie
        seen = (*((f".erlang.cookie: {cookie.why}",) if cookie.code == UNSAFE else ()),
                *(f"{name}: {why}" for name, why in side.facts.spool.unsafe),
                *side.exam.unsafe)  # fmt: skip
        if side.asked and seen:
            # The cookie file often lies in the database directory.
            yield unsafe_path(side.role, side.name, tuple(dict.fromkeys(seen)))


FINDINGS = (
    Declaration(
        code=UNSAFE,
        meaning="A path among ejabberd's files leads out of them, as after an attack.",
        rules=(Rule("cookie", unsafe_paths),),
        brings_about_there=(
            Kind.COOKIE_FILE,
            Kind.NOT_RUNNING,
            "cookie-mismatch",
            "dir-root-owned",
        ),
        instead="ejtui does nothing by a path that an attacker may have made: look at it, and "
        "replace or remove it by hand",
        not_in_lab="it is what an attack leaves behind, and the lab's hosts are for practice",
    ),
)
