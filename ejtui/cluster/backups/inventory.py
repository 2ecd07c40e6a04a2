"""Every backup on both hosts: asked of the hosts, with a manifest and without one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from ejtui.cleaning import clean
from ejtui.cluster.backups import elsewhere, folders, listing
from ejtui.cluster.backups.manifest import DATABASE, FILE, Manifest
from ejtui.cluster.errors import ClusterError
from ejtui.cluster.operations import accounts
from ejtui.cluster.operations.files.config_file import NAME
from ejtui.erlang.probe import questions
from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.probe.questions import Entry
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node
    from ejtui.cluster.pair.pair import Pair

Use = Literal["rollback", "bring-over", "restore-table", "restore-file"]
USES: Mapping[Use, str] = {
    "rollback": "rollback",
    "bring-over": "bring-over",
    "restore-table": "restore a table",
    "restore-file": "a rollback of ejabberd.yml alone",
}
"""What a backup can be used for, and in words."""

_MISSING = "files of it are missing, or not as its manifest lists them"
SCHEMA = "schema.DAT"
ONLINE = ".BUP"
FALLBACK = "FALLBACK.BUP"

MOST_READ = 64 * 1024 * 1024
"""The size of a database in bytes up to which it is read for its accounts."""

READING_SECONDS = 60.0

_STAMPED = re.compile(r"(\d{8}T\d{6}Z(?:-\d+)?)(?:-(.+))?")
_FOLDERS = {
    "joined": "copy of the cluster's database, set aside later",
    "between": "what was written while second's database was half moved",
    "renamed": "database under its new name",
}


_STATES = {
    "begun": "incomplete",
    "moving": "half-moved",
    "restoring": "restoring",
    "restored": "restored",
    "rolled-back": "used",
}
"""Of a backup's stages those that are more than whether it is complete, for people."""


@dataclass(frozen=True)
class Backup:
    """One backup, or one database within it.

    `name` is what people call it, `node` whose host it is on ("first", "second" of the
    configuration), `path` where it lies; `created` is ISO, "" where nobody knows. `size` is in
    bytes, `accounts` None where they were not read. `complete` is False where files of the
    manifest are not there. `folder` is the directory below the directory of all backups that
    goes with it.
    """

    name: str
    node: str
    on_second: bool
    path: str
    folder: str
    created: str
    reason: str
    stage: str
    size: int
    files: int
    uses: tuple[Use, ...] = ()
    accounts: Sequence[str] | None = None
    complete: bool = True
    used: str = ""
    by: str = ""
    trouble: str = ""
    manifest: Manifest | None = None

    @property
    def account_count(self) -> int | None:
        """How many accounts it has; None where nobody knows."""
        if self.accounts is not None:
            return len(self.accounts)
        known = self.manifest.account_count if self.manifest else -1
        return None if known < 0 else known

    @property
    def age(self) -> tuple[int, str]:
        """What sorts backups of one host, the newest last: by their count, as clocks jump."""
        return (self.manifest.number if self.manifest else 0, self.created)

    @property
    def is_database(self) -> bool:
        """Whether a database lies in it, of Mnesia's files or in an online backup."""
        return bool({*self.uses} - {"restore-file"})

    @property
    def state(self) -> str:
        """How far it came and whether it was used, for people; `stage` is the word of `--json`."""
        if self.stage in _STATES and (self.complete or self.stage in ("begun", "moving")):
            return _STATES[self.stage]
        if not self.complete:
            return "damaged"
        return "used" if self.used else "complete"

    @property
    def can(self) -> str:
        """What it can be used for, in words."""
        return ", ".join(USES[use] for use in self.uses) or "nothing yet"

    def to_json(self) -> dict[str, object]:
        """What `--json` prints of it."""
        return {
            "name": self.name,
            "host": self.node,
            "path": self.path,
            "created": self.created,
            "reason": self.reason,
            "stage": self.stage,
            "accounts": None if self.accounts is None else list(self.accounts),
            "account_count": self.account_count,
            "size": self.size,
            "files": self.files,
            "complete": self.complete,
            "used": self.used,
            "by": self.by,
            "uses": list(self.uses),
            "trouble": self.trouble,
        }


@dataclass(frozen=True)
class _Folder:
    """One directory of backups with what lies in it, and in its own directories."""

    node: Node
    on_second: bool
    root: str
    name: str
    entries: Sequence[Entry]
    below: Mapping[str, Sequence[Entry]]
    manifest: Manifest | None
    unread: str = ""
    damage: str = ""

    @property
    def path(self) -> str:
        return f"{self.root}/{self.name}"

    @property
    def wrong(self) -> str:
        """Why what lies here cannot be believed to be a whole backup, "" where it can."""
        lost = DATABASE in self.below and FILE not in _names(self.entries)
        return clean(self.damage) or ("its manifest is not there" if lost else "")


async def inventory(pair: Pair, *, read: bool = False) -> list[Backup]:
    """All backups on the hosts that are reached, the newest first; a host that is not has none.

    With `read`, small databases on second whose accounts no manifest names are read for them.
    Raises BackupError, ProbeError, HostError.
    """
    sides = [(node, node is pair.second) for node in (pair.second, pair.first) if node.opened]
    found = await asyncio.gather(*(_of_host(node, second) for node, second in sides))
    listed = [each for backups in found for each in backups]
    if read:
        listed = list(await asyncio.gather(*(_with_accounts(pair, each) for each in listed)))
    return sorted(listed, key=lambda each: (each.created, each.name), reverse=True)


async def manifests_on(node: Node) -> dict[str, Manifest]:
    """The manifests on a host by their directories; those that cannot be believed are left out.

    Raises ProbeError.
    """
    return {each.place: each for each in (await listing.read(node)).backups}


async def _of_host(node: Node, on_second: bool) -> list[Backup]:
    there = await listing.read(node)
    root, manifests = folders.root(node.platform), {each.place: each for each in there.backups}
    damage = {each.path.removesuffix(f"/{FILE}"): each.why for each in there.problems}
    if on_second:
        own = node.platform.node
        manifests = {place: each for place, each in manifests.items() if each.second == own}
    names = [each.name for each in await _listed(node, root) if each.is_directory]
    places = [(root, name) for name in names if name != elsewhere.FOLDER]
    # Those in other directories are for the operator whose configuration has these.
    away = [each for each in manifests.values() if on_second and each.stage != "rolled-back"]
    split = [each.place.rpartition("/") for each in away]
    places += [(above, name) for above, _, name in split if above != root]
    found = await asyncio.gather(
        *(_folder(node, on_second, above, name, manifests) for above, name in places)
    )
    found = [replace(each, damage=damage.get(each.path, "")) for each in found]
    return [each for folder in found for each in _backups(folder)]


async def _folder(
    node: Node, on_second: bool, root: str, name: str, manifests: Mapping[str, Manifest]
) -> _Folder:
    path = f"{root}/{name}"
    unread = ""
    try:
        entries: Sequence[Entry] = await questions.entries(node.probe, path)
    except ProbeError as error:
        entries, unread = [], f"it cannot be read: {error}"
    inner = [each.name for each in entries if each.is_directory]
    below = await asyncio.gather(*(_listed(node, f"{path}/{each}") for each in inner))
    inside = dict(zip(inner, below, strict=True))
    return _Folder(node, on_second, root, name, entries, inside, manifests.get(path), unread)


async def _listed(node: Node, path: str) -> Sequence[Entry]:
    try:
        return await questions.entries(node.probe, path)
    except ProbeError:
        return []


def _backups(folder: _Folder) -> Iterator[Backup]:
    """What lies in one directory, the backup of its manifest first."""
    manifest = folder.manifest
    if manifest is not None:
        yield _described(folder, manifest)
    rest = list(_databases(folder, manifest)) + list(_online(folder))
    yield from rest
    if manifest is None and not rest:
        yield _plain(folder)


def _described(folder: _Folder, manifest: Manifest) -> Backup:
    """The backup that a manifest describes."""
    there = folder.entries if not manifest.folder else folder.below.get(manifest.folder, ())
    sizes = {each.name: each.size for each in there}
    complete = all(sizes.get(file.name) == file.size for file in manifest.files)
    kept = [each for each in folder.entries if manifest.of_the_file and each.name == NAME]
    if manifest.of_the_file:
        complete = bool(kept)
    whole = complete and bool(manifest.files) and manifest.stage not in ("begun", "moving")
    uses: list[Use] = []
    open_one = manifest.stage in ("moving", "restoring", "restored")
    fresh = open_one or (manifest.of_a_join and manifest.stage != "rolled-back")
    if folder.on_second and manifest.own and (whole or fresh):
        uses.append("rollback")
    if folder.on_second and kept and manifest.config:
        uses.append("restore-file")
    if folder.on_second and whole:
        uses.append("bring-over")
    # What a rollback still goes to or from is not used up, however often it was used.
    used = "" if open_one else manifest.used
    if not used and manifest.of_a_join and manifest.own and manifest.stage == "rolled-back":
        used = "yes"
    return Backup(
        name=folder.name,
        node=folder.node.name,
        on_second=folder.on_second,
        path=folder.path,
        folder=folder.name,
        created=manifest.created,
        reason=reason(manifest),
        stage=manifest.stage if manifest.of_a_join or open_one else "kept",
        size=sum(file.size for file in manifest.files) + sum(each.size for each in kept),
        files=len(manifest.files) + len(kept),
        uses=tuple(uses),
        accounts=manifest.accounts,
        complete=complete or manifest.stage == "moving",
        used=used,
        by=manifest.by,
        trouble="" if complete or manifest.stage == "moving" else _MISSING,
        manifest=manifest,
    )


def reason(manifest: Manifest) -> str:
    """What it is of, and why it was made, for people."""
    if manifest.of_the_file:
        return "second's ejabberd.yml before a change of it"
    whose = "second's own database" if manifest.own else "copy of the cluster's database"
    if manifest.of_a_join:
        return f"{whose} before a join"
    return f"{whose}, set aside by a {manifest.reason}"


def _databases(folder: _Folder, manifest: Manifest | None) -> Iterator[Backup]:
    """Directories of Mnesia's files that no manifest describes."""
    described = None if manifest is None else manifest.folder
    places = {"": folder.entries, **folder.below}
    for name, entries in places.items():
        if name == described or SCHEMA not in _names(entries):
            continue
        kind = _FOLDERS.get(name.partition("-")[0], "database, kept by a repair")
        if name == DATABASE:
            kind = "database without a manifest that can be read"
        uses: tuple[Use, ...] = ("bring-over",) if folder.on_second else ()
        made = _found(folder, name, entries, f"{kind}{_code(folder.name)}", uses)
        yield _damaged(made, folder) if name == DATABASE else made


def _online(folder: _Folder) -> Iterator[Backup]:
    """Online backups: files of mnesia:backup."""
    for entry in folder.entries:
        name = entry.name
        if not (entry.is_file and name.endswith(ONLINE)) or name == FALLBACK:
            continue
        uses: tuple[Use, ...] = ("restore-table",)
        if folder.on_second:
            uses = ("bring-over",)
        whose = "second's" if folder.on_second else "first's"
        yield _found(folder, name, [entry], f"{whose} online backup{_code(folder.name)}", uses)


def _plain(folder: _Folder) -> Backup:
    """A directory without a database: what a repair kept of files, or a damaged backup."""
    entries = [each for each in folder.entries if each.is_file]
    kind = "what is left of a backup" if folder.wrong else "files, kept by a repair"
    trouble = ""
    if FILE in _names(folder.entries) and not folder.wrong:
        kind, trouble = "a backup of another node", "it is no backup of second's own node"
    made = _found(folder, "", entries, f"{kind}{_code(folder.name)}", ())
    return _damaged(replace(made, trouble=folder.unread or trouble), folder)


def _damaged(found: Backup, folder: _Folder) -> Backup:
    """The same, damaged where the manifest beside it cannot be believed."""
    if not folder.wrong:
        return found
    return replace(found, complete=False, trouble=folder.wrong)


def _found(
    folder: _Folder, name: str, entries: Sequence[Entry], reason: str, uses: tuple[Use, ...]
) -> Backup:
    regular = [each for each in entries if each.is_file]
    return Backup(
        name=f"{folder.name}/{name}" if name else folder.name,
        node=folder.node.name,
        on_second=folder.on_second,
        path=f"{folder.path}/{name}" if name else folder.path,
        folder=folder.name,
        created=_created(folder.name, name),
        reason=reason,
        stage="kept",
        size=sum(each.size for each in regular),
        files=len(regular),
        uses=uses,
    )


def _created(folder: str, name: str) -> str:
    """The moment in the name of what was set aside, or of its directory."""
    for text in (name.partition("-")[2], folder):
        found = _STAMPED.fullmatch(text)
        # Somebody may have made a directory whose name is of no day that there is.
        with suppress(ValueError):
            if found:
                moment = datetime.strptime(found[1][:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
                return moment.isoformat(timespec="seconds")
    return ""


def _code(folder: str) -> str:
    """What made a directory of that name, for a reason."""
    found = _STAMPED.fullmatch(folder)
    return f" ({found[2]})" if found and found[2] else ""


async def _with_accounts(pair: Pair, found: Backup) -> Backup:
    """The same with its accounts, where they are not known and can be read."""
    if found.accounts is not None or not found.on_second or "bring-over" not in found.uses:
        return found
    if found.size > MOST_READ:
        return found
    path = found.manifest.database if found.manifest else found.path
    source = (questions.file if path.endswith(ONLINE) else questions.directory)(path)
    try:
        held = await questions.kept_content(pair.second.probe, source, READING_SECONDS)
    except (ProbeError, HostError, ClusterError) as error:
        return replace(found, trouble=f"its accounts cannot be read: {error}")
    return replace(found, accounts=await accounts.sorted_names(held.accounts))


def _names(entries: Sequence[Entry]) -> list[str]:
    return [each.name for each in entries]
