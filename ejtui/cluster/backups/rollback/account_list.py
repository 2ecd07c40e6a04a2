"""The list of accounts in a backup's manifest, compared with what its database has."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ejtui.cluster.backups import choice
from ejtui.cluster.backups.manifest import FILE, Manifest
from ejtui.cluster.backups.rollback import damaged_files, present
from ejtui.cluster.facts import account_names
from ejtui.cluster.operations import accounts
from ejtui.cluster.question import Question
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext

CONSENT = "accounts-not-there"

_IN_PARTS = ("begun", "moving")
"""The stages of a backup that has no database yet, or a part of one."""


async def with_those_there(
    context: StepContext, manifest: Manifest, *, without_first: bool
) -> Manifest:
    """The manifest with just those accounts that its database has.

    Where its list names others, nobody could ever find these on second after the rollback: the
    person must agree to that with a word, before anything is changed. A database that cannot be
    read is compared after the rollback. Raises Refused, and what asks for the word.
    """
    if not manifest.accounts or not manifest.files or manifest.stage in _IN_PARTS:
        return manifest
    try:
        if await _kept_elsewhere(context):
            return manifest
        there = await _accounts_in(context, manifest)
    except (ProbeError, HostError):
        return manifest
    lacking = await asyncio.to_thread(accounts.without, manifest.accounts, there)
    if not lacking:
        return manifest
    found = await choice.choice(context.pair)
    others = choice.other_commands(found, manifest, without_first=without_first)
    await context.ask(question(context.pair.second.name, manifest, lacking, others))
    known = await asyncio.to_thread(accounts.within, manifest.accounts, there)
    return replace(manifest, accounts=known)


async def _accounts_in(context: StepContext, manifest: Manifest) -> Sequence[str]:
    """The accounts that second has with these files. Raises ProbeError, HostError."""
    if damaged_files.lacks_passwords(manifest):
        return ()
    return await present.content(context, manifest.database)


async def _kept_elsewhere(context: StepContext) -> bool:
    """Whether the list may have accounts that no database had: those of SQL or LDAP."""
    return context.facts.second.ejabberd and await accounts.keeps_elsewhere(context.pair.second)


def _why(manifest: Manifest) -> str:
    if manifest.changed:
        return (
            "files of that database are lost or damaged: a rollback cannot bring these accounts "
            "back from what is left of it"
        )
    return (
        "its files have their checksums: either that list is wrong, or both were changed; a "
        "rollback cannot bring these accounts back"
    )


def question(
    second: str, manifest: Manifest, lacking: Sequence[str], others: Sequence[str]
) -> Question:
    """Asks before a rollback to a database that lacks accounts of its list. Pure."""
    count = len(lacking)
    word = "an account" if count == 1 else f"{count} accounts"
    goes = f"to go back to another backup: {', '.join(others)}"
    return Question(
        title=f"Roll second back to {manifest.stamp}, without {word} of its list?",
        takes=(
            f"on {second}, {manifest.place}/{FILE} lists {word} that {manifest.database} does not "
            f"have: {account_names.listed(lacking)}",
            _why(manifest),
            goes if others else "there is no other backup of second's own database",
        ),
        consequence="Second gets all that this database has, and the list is corrected.",
        yes_label="Roll back without them",
        consent=CONSENT,
    )
