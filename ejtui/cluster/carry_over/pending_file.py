"""Second's ejabberd.yml that has changed and is not loaded: what that is, and the ways on.

An ejtui that ends between the writing of the file and its loading leaves it so; a person with an
editor does, too.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ejtui.cluster.administration.carry import options_of
from ejtui.cluster.administration.compare import FILE_AS_FIRST
from ejtui.cluster.administration.difference import Difference
from ejtui.cluster.backups import listing
from ejtui.cluster.backups.files import config_copy
from ejtui.cluster.carry_over.loaded_too import about, named
from ejtui.cluster.errors import ClusterError
from ejtui.cluster.facts.settings import NodeSettings
from ejtui.cluster.operations.files import config_file
from ejtui.cluster.question import Question
from ejtui.erlang.probe.client import ProbeError
from ejtui.hosts import HostError

if TYPE_CHECKING:
    from ejtui.cluster.carry_over.request import Prepared
    from ejtui.cluster.pair.pair import Pair

_MOST_NAMES = 6


async def ways_on(pair: Pair, second: NodeSettings, found: Sequence[Difference]) -> str:
    """A sentence about the file of a running second, "" where that is loaded.

    It names what is not loaded, what loads it, and, where ejtui has written the file, what restores
    the former one. `found` is what differs.
    """
    file = second.unloaded
    if file is None or not file.changed:
        return ""
    names = list(dict.fromkeys(named(file.changed, ())))
    shown = [*names[:_MOST_NAMES], *(["…"] if len(names) > _MOST_NAMES else [])]
    waiting = options_of([each for each in found if each.second.endswith(f"({FILE_AS_FIRST})")])
    load = f"`ejtui config --take {shlex.join(waiting)}`"
    if not waiting:
        load = f"`{shlex.join([pair.second.platform.ejabberdctl, 'reload_config'])}` on second"
    back = await _restores(pair)
    return (
        f"{config_file.path(pair.second.platform)} on second has changed, and ejabberd there has "
        f"not loaded it yet ({', '.join(shown)}). {load} loads it"
        f"{f'; `{back}` restores the former file' if back else ''}."
    )


async def _restores(pair: Pair) -> str:
    """What restores the file that ejtui has replaced with the present one; "" for none."""
    try:
        now = await config_copy.checksum(pair.second, config_file.path(pair.second.platform))
        for manifest in await listing.load(pair):
            if manifest.of_the_file and manifest.config_written == now != manifest.config:
                return f"ejtui rollback {manifest.stamp}"
    except (ClusterError, HostError, ProbeError):
        return ""  # It is beside what was asked for.
    return ""


def waiting(prepared: Prepared, options: Sequence[str]) -> tuple[str, ...]:
    """Those of the options that second's file has changed, and that second has not loaded."""
    names = [each.partition(" of ")[0] for each in prepared.also]
    return tuple(each for each in options if any(about(name, each) for name in names))


def question(pair: Pair, prepared: Prepared) -> Question:
    """Asks before the file is loaded as it is."""
    path = config_file.path(pair.second.platform)
    return Question(
        title=f"Load {path} on second as it is?",
        takes=(f"loads: {', '.join(prepared.also)} (changed in second's file, not loaded yet)",),
        consequence=(
            "The file was changed before, and has first's values already. Nothing is written: a "
            "running ejabberd loads it without a restart where it can. With a No nothing changes."
        ),
        yes_label="Load it",
    )
