"""Second's former ejabberd.yml, restored however the writing of the new one ends."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from ejtui.cluster.backups import guarded_start
from ejtui.cluster.backups.files import config_copy
from ejtui.cluster.carry_over import certificates
from ejtui.cluster.completion import complete
from ejtui.cluster.errors import BackupError, ClusterError, without_stop
from ejtui.cluster.operations.files import config_file
from ejtui.cluster.run.context import StepContext
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

BACK_SECONDS = 120.0


@dataclass
class Former:
    """The former file, which lies in `kept`, and what was done since it was kept.

    `sha256` is its checksum and `new` that of the file that takes its place. `copied` are the
    certificates that second got. `touched`: the new file may stand in its place; `loading`:
    ejabberd may have seen what is new.
    """

    context: StepContext
    kept: str
    sha256: str
    new: str
    copied: Sequence[str]
    touched: bool = False
    loading: bool = False

    async def back(self) -> bool:
        """Everything is as it was, also where the run is cancelled meanwhile.

        Returns whether the new file had its place, or ejabberd had seen what is new. Raises
        BackupError where the file could not be restored, with where it lies and what does it.
        """
        try:
            return await complete(asyncio.wait_for(self._back(), BACK_SECONDS))
        except (ClusterError, HostError, ProbeError, TimeoutError) as error:
            raise BackupError(self._by_hand(error)) from error

    async def _back(self) -> bool:
        second = self.context.pair.second
        found = self.sha256
        if self.touched:
            found = await config_copy.checksum(second, config_file.path(second.platform))
        if found == self.new != self.sha256:
            await config_file.replace(second, self.kept, self.sha256, self.new)
        elif found != self.sha256:
            raise config_file.FileChanged("somebody has edited it since, and it stays as it is")
        self.touched = False
        await certificates.remove(self.context, self.copied)
        if self.loading:
            await self._load()
        return self.loading or found != self.sha256

    async def _load(self) -> None:
        second = self.context.pair.second
        if (await second.refresh()).ejabberd:
            await config_file.reload_act(second).run(second)
        else:
            await guarded_start.start(second, self.context.say)

    def _by_hand(self, error: BaseException) -> str:
        second = self.context.pair.second
        where, why = f"{config_file.path(second.platform)} on {second.name}", without_stop(error)
        why = why or f"it did not end within {BACK_SECONDS:g} s"
        load = f"`{shlex.join([second.platform.ejabberdctl, 'reload_config'])}`"
        if not self.touched:
            copied = f" Remove what was copied: {', '.join(self.copied)}." if self.copied else ""
            return (
                f"{where} is the former one, and the rest is not as it was: {why}.{copied} Then "
                f"have ejabberd there load its file ({load}), or start it"
            )
        if isinstance(error, config_file.FileChanged):
            now = "is not the file that ejtui wrote: somebody has edited it since, and it stays"
            why = "compare it with the former one"
        else:
            now = "may be the new one, which ejabberd may not have loaded"
        copy = shlex.join(["cp", self.kept, config_file.path(second.platform)])
        return (
            f"{where} {now}: {why}. The former one is kept there as {self.kept}. To restore it, as "
            f"root on {second.name}: `{copy}`, then {load}, or start ejabberd"
        )
