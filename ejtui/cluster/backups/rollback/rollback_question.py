"""What a rollback asks: what goes, what comes back, and what stays, as it is at that moment."""

from __future__ import annotations

from collections.abc import Sequence

from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.backups.rollback import kept_cookies
from ejtui.cluster.backups.rollback.file_return import FileReturn
from ejtui.cluster.backups.rollback.present import Present
from ejtui.cluster.facts import account_names
from ejtui.cluster.facts.node import REMOTE, PairFacts
from ejtui.cluster.question import Question


def question(
    facts: PairFacts,
    manifest: Manifest,
    present: Present,
    file: FileReturn | None = None,
    *,
    without_first: bool = False,
) -> Question:
    """Asks before second is rolled back to `manifest`; `present` is what it has now. Pure.

    `file` is what becomes of its ejabberd.yml.
    """
    file = file or FileReturn()
    lines = [
        _goes(facts, manifest, present),
        _comes(facts, manifest, present),
        _first(facts, manifest, without_first),
        *_cookie(facts, manifest),
        *file.lines,
        *_alone(present, without_first),
    ]
    return Question(
        title=f"Roll second back to {manifest.stamp}?",
        takes=tuple(line for line in lines if line),
        consequence=_consequence(manifest),
        yes_label="Roll back",
        diff=file.diff,
    )


def _never_moved(manifest: Manifest, present: Present) -> bool:
    return manifest.stage == "begun" and present.kind not in ("clusters", "rest")


def _goes(facts: PairFacts, manifest: Manifest, present: Present) -> str:
    if _never_moved(manifest, present) or manifest.stage == "restored" or present.kind == "none":
        return ""
    if manifest.stage == "moving":
        return (
            "an earlier run moved a part of second's own database into the backup: it goes back, "
            "and what was written since is set aside as a backup, not deleted"
        )
    if present.kind == "rest":
        return (
            f"an earlier rollback was broken off while it set aside the database that second had, "
            f"{_with(present.accounts)}: the rest follows it into its backup, and what was written "
            "since is set aside there, too, not deleted"
        )
    if present.kind == "clusters":
        copies = sum(table.storage != REMOTE for table in facts.second.tables)
        what = f"its copies of {copies} tables" if copies else f"its {present.files} files"
        return f"second leaves the cluster; {what} are set aside as a backup, not deleted"
    return (
        f"second's present database, {_with(present.accounts)}, is set aside as a backup, "
        "not deleted"
    )


def _comes(facts: PairFacts, manifest: Manifest, present: Present) -> str:
    if _never_moved(manifest, present):
        count = facts.second.accounts
        held = "" if count is None else f" with {_counted(count)}"
        return f"second's own database was never moved and stays as it is{held}"
    if manifest.stage == "begun":
        return "second had no own database before the join: it starts with an empty one"
    own = "whose accounts were not read"
    if manifest.accounts is not None:
        own = _with(manifest.accounts)
    elif manifest.known_count >= 0:
        own = f"with {_counted(manifest.known_count)}"
    if manifest.stage == "restored":
        return f"second's own database is back in its place already, {own}"
    return f"second goes back to its own database, {own}"


def _first(facts: PairFacts, manifest: Manifest, without_first: bool) -> str:
    if without_first:
        return (
            f"first is not asked: it will still list {manifest.second} as a member when it comes "
            "back; `ejtui check` shows then what to do (stale-member)"
        )
    count = "" if facts.first.accounts is None else f"{facts.first.accounts} "
    return f"first keeps all its {count}accounts, also those made on the cluster since the join"


def _cookie(facts: PairFacts, manifest: Manifest) -> Sequence[str]:
    if not manifest.cookie:
        return [kept_cookies.sentence(facts.second.cookie.digits)]
    if facts.second.cookie.digits == manifest.cookie:
        return []
    return [f"second's own cookie {manifest.cookie} comes back"]


def _alone(present: Present, without_first: bool) -> Sequence[str]:
    where = "not in this backup" if without_first else "neither in this backup nor on first"
    if present.alone is None:
        return ["which accounts second has now could not be read; they are set aside whole"]
    if not present.alone:
        return []
    count = len(present.alone)
    live = "account lives" if count == 1 else "accounts live"
    return [
        f"{count} {live} on second now and {where}: {account_names.listed(present.alone)}; set "
        "aside with it, and `ejtui bring-over` can bring such accounts into the cluster"
    ]


def _consequence(manifest: Manifest) -> str:
    if not manifest.was_running:
        return "ejabberd on second stops, and stays stopped, as it was before."
    return "ejabberd on second stops, and starts as it was before the join."


def _with(names: Sequence[str] | None) -> str:
    if names is None:
        return "whose accounts could not be read"
    if not names:
        return "which has no accounts"
    return f"with {_counted(len(names))}: {account_names.listed(names)}"


def _counted(count: int) -> str:
    return f"{count} account" if count == 1 else f"{count} accounts"
