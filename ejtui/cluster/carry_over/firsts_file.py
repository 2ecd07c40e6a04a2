"""Options that first's file sets in another way than first has loaded them: they are not taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ejtui.cleaning import clean
from ejtui.cluster.administration.certificates import CERTFILES, CERTIFICATES
from ejtui.cluster.carry_over.loaded_too import about
from ejtui.cluster.diagnosis.next_settings import may_differ, next_settings
from ejtui.cluster.errors import StepFailed

if TYPE_CHECKING:
    from ejtui.cluster.pair.node import Node

_HOSTS = "hosts"
_LOAD = "`ejabberdctl reload_config` on first loads its file; or undo by hand what was changed"


@dataclass(frozen=True)
class NotLoaded:
    """What first's file sets in another way than first has loaded it: names, with virtual hosts."""

    changed: Sequence[tuple[str, str]] = ()

    def of(self, options: Sequence[str]) -> Mapping[str, str]:
        """Those of the options that first has not loaded as its file sets them, each with why."""
        found = {}
        for option in options:
            name = CERTFILES if option == CERTIFICATES else option
            # Virtual hosts bring the options that the file has for each.
            names = [
                each for each, host in self.changed
                if about(each, name) or (name == _HOSTS and host)
            ]  # fmt: skip
            if names:
                found[option] = (
                    f"first's file sets {clean(names[0])} in another way than first has loaded it: "
                    f"{_LOAD}"
                )
        return found


async def not_loaded(first: Node) -> NotLoaded:
    """Asks first's ejabberd, and its own reader for the file. Of a stopped one its file counts.

    Raises StepFailed where nobody knows.
    """
    if not first.facts.ejabberd or not await may_differ(first):
        return NotLoaded()
    file = await next_settings(first)
    if file.asked:
        return NotLoaded(file.changed)
    why, way = "ejabberd's own reader there did not answer", _LOAD
    if file.refused:
        why = f"ejabberd refuses it ({file.why})" if file.why else "ejabberd refuses it"
        way = "Correct it there by hand"
    raise StepFailed(
        f"{first.platform.config_file} on first may have changed since first loaded it, and {why}: "
        f"nothing is taken from it. {way}"
    )
