"""What a manifest may contain: the names in it become paths, and a service user can forge it."""

from __future__ import annotations

import re

from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.errors import BackupError

_TEXT = 255
"""Characters of a name in a manifest; of an account three times a part's 1023 bytes."""

_ACCOUNT = 3 * 1024
_LONGEST = 2**16
"""Of a room, a group or a pubsub node, which come in one stanza."""

_MOST = 2**63
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MNESIA = re.compile(
    r"schema\.DAT|FALLBACK\.BUP|(LATEST|PREVIOUS|DECISION_TAB)\.LOG|MnesiaCore\..+"
    r"|.+\.(DCD|DCL|DAT|DAL|TMP)",
    re.DOTALL,
)


def is_mnesia_file(name: str) -> bool:
    """Whether Mnesia writes a file of this name into its directory."""
    return "/" not in name and "\0" not in name and _MNESIA.fullmatch(name) is not None


def refuse_unfit(manifest: Manifest) -> None:
    """Raises BackupError for a manifest with a value that no join has written."""
    _refuse_long(manifest)
    sums = (manifest.config, manifest.config_written, manifest.custom_schema)
    for sha256 in filter(None, sums):
        if not _SHA256.fullmatch(sha256):
            raise BackupError(f"{sha256[:_TEXT]!r} in it is no checksum")
    files = (*manifest.files, *manifest.noted)
    for name in (*manifest.changed, *(file.name for file in files)):
        if not is_mnesia_file(name) or len(name) > _TEXT:
            raise BackupError(f"{name[:_TEXT]!r} in it is no file of Mnesia's")
    for file in files:
        if not _SHA256.fullmatch(file.sha256) or file.size < 0:
            raise BackupError(f"{file.name!r} in it has no checksum, or no size")
    for name in (*manifest.joined, *manifest.between, *filter(None, (manifest.folder,))):
        if not _FOLDER.fullmatch(name):
            raise BackupError(f"{name[:_TEXT]!r} in it is no directory of a backup")
    _refuse_first(manifest)
    _refuse_numbers(manifest)


def _refuse_long(manifest: Manifest) -> None:
    """Raises BackupError for a text that is longer than any of its kind."""
    texts = (manifest.stamp, manifest.first, manifest.second, manifest.created, manifest.by)
    more = (manifest.cookie, manifest.towards, manifest.reason, manifest.used)
    last = (manifest.schema_cookie, manifest.config_time)
    if any(len(text) > _TEXT for text in (*texts, *more, *last)):
        raise BackupError(f"a text in it has more than {_TEXT} characters")
    if any(len(account) > _ACCOUNT for account in manifest.accounts or ()):
        raise BackupError(f"an account in it has more than {_ACCOUNT} characters")
    places = (*manifest.rooms, *manifest.groups, *manifest.pubsub_nodes)
    if any(len(place) > _LONGEST for place in places):
        raise BackupError(f"a room, group or node in it has more than {_LONGEST} characters")


def _refuse_numbers(manifest: Manifest) -> None:
    """Raises BackupError for a number that nothing counts to; Python prints no longer ones."""
    made = manifest.first_backup
    numbers = [manifest.number, manifest.account_count + 1]
    numbers += [each.size for each in (*manifest.files, *manifest.noted)]
    numbers += [each.records for each in manifest.counts]
    numbers += [made.size, made.tables, made.records] if made else []
    if not all(0 <= each < _MOST for each in numbers):
        raise BackupError("a number in it is none that a join has written")


def _refuse_first(manifest: Manifest) -> None:
    made = manifest.first_backup
    if made is None:
        return
    folder, _, name = made.path.rpartition("/")
    if name != "first.BUP" or not _FOLDER.fullmatch(folder.rpartition("/")[2]):
        raise BackupError(f"{made.path[:_TEXT]!r} in it is no online backup of a join")
