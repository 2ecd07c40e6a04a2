"""What a rollback does to second's ejabberd.yml: which one comes back, and which edits go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui.cluster.administration.document import BadFile
from ejtui.cluster.backups import listing
from ejtui.cluster.backups.files import config_copy
from ejtui.cluster.backups.manifest import Manifest
from ejtui.cluster.diagnosis import own_file
from ejtui.cluster.errors import StepFailed
from ejtui.cluster.operations.files import config_file
from ejtui.cluster.operations.files.config_file import NAME
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.run.context import StepContext


@dataclass(frozen=True)
class FileReturn:
    """The file that comes back: `kept` is its path, `since` when it was kept (ISO).

    `edited` is whether somebody has edited second's since; `same` whether it is that very file, and
    `diff` what changes in it otherwise, without secrets: `unread` is why nobody can show that.
    Where the backup has none, `kept` is "", and `earlier` names backups of the file alone,
    the oldest last.
    """

    kept: str = ""
    since: str = ""
    same: bool = False
    edited: bool = False
    diff: tuple[str, ...] = ()
    unread: str = ""
    earlier: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What the question shows of it."""
        if not self.kept:
            return _stays(self.earlier)
        when = moment(self.since)
        if self.same:
            return (f"second's {NAME} is as it was kept on {when}, and stays",)
        made = [f"second's {NAME} goes back to the one that was kept on {when}: {self.kept}"]
        if self.edited:
            made.append(
                f"second's present {NAME} has been edited since then, not by ejtui alone: these "
                "edits go with the lines that are shown, and the whole file is kept in the backup"
            )
        if self.unread:
            made.append(f"what changes in it cannot be shown: {self.unread}")
        return tuple(made)


def _stays(earlier: tuple[str, ...]) -> tuple[str, ...]:
    if not earlier:
        return ()
    known = ", ".join(f"`ejtui rollback {each}`" for each in earlier)
    last = "; the last of these restores what it was before all of them"
    return (
        f"second's {NAME} stays as it is; changes of it before the join have backups of that file "
        f"alone: {known}{last if len(earlier) > 1 else ''}",
    )


def moment(iso: str) -> str:
    """A moment for people, in UTC."""
    return f"{iso[:16].replace('T', ' ')} UTC"


async def look(context: StepContext, manifest: Manifest) -> FileReturn:
    """What becomes of the file in a rollback to `manifest`. Raises ProbeError, BackupError."""
    second = context.pair.second
    if not manifest.config or manifest.stage == "restored":
        others = await listing.load(context.pair)
        alone = [each.stamp for each in others if each.of_the_file and not each.used]
        return FileReturn(earlier=(*alone[:-1][:2], *alone[-1:]))
    kept, since = f"{manifest.place}/{NAME}", manifest.config_time or manifest.created
    present = await config_copy.checksum(second, config_file.path(second.platform))
    if present == manifest.config:
        return FileReturn(kept, since, same=True)
    edited = config_copy.is_edited(manifest, present)
    try:
        diff = await own_file.changes(second, kept)
    except (BadFile, StepFailed, HostError, ProbeError) as error:
        return FileReturn(kept, since, edited=edited, unread=str(error))
    return FileReturn(kept, since, edited=edited, diff=diff)
