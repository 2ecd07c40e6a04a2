"""An erl that outlives the line it was started over: kept by Erlang's own run_erl.

run_erl starts the erl on a new pseudo-terminal, in the background, and passes what goes in
and out through two pipes in a directory. A client reads one and writes the other, until
the connection drops or the erl ends. Its to_erl is not used: it takes the eighth bit off every key,
and ^D for the wish to leave.

The directory is the service user's alone and has a name that is never used twice, so that
clearing one up can never meet another. The watcher inside removes it when the erl has
ended, for any reason.
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Sequence

from ejtui import scripts
from ejtui.platforms import Platform

NAME = ".ejtui-erl"
"""What the directories in the service user's home are called; a dot and the random part follow."""

_RANDOM = 4

_INSIDE = scripts.shell(__file__, "keep_inside.sh")
_START = scripts.shell(__file__, "keep_start.sh")
_AGAIN = scripts.shell(__file__, "keep_again.sh")
_ATTACH = scripts.shell(__file__, "keep_attach.sh")
_END = scripts.shell(__file__, "keep_end.sh")


def with_watch(argv: Sequence[str], seconds: int) -> tuple[str, ...]:
    """The erl `argv`, which ends automatically when no ejtui has been attached for so long."""
    return (*argv, "-eval", scripts.erlang(__file__, "keep_watch.eval", Seconds=seconds))


def new_place(platform: Platform) -> str:
    """A directory for an erl that is to be kept."""
    return f"{platform.home}/{NAME}.{secrets.token_hex(_RANDOM)}"


def keeping(run_erl: str, place: str, argv: Sequence[str]) -> tuple[str, ...]:
    """What starts `argv` below `place` and attaches to it, on a terminal of the right size."""
    inside = f"place={shlex.quote(place)}\n{_INSIDE}exec {shlex.join(argv)}"
    return ("/bin/sh", "-c", _START + _ATTACH, "ejtui", run_erl, place, inside)


def attaching(place: str) -> tuple[str, ...]:
    """What attaches to the erl below `place`, after showing what it printed last."""
    return ("/bin/sh", "-c", _AGAIN + _ATTACH, "ejtui", place)


def ending(place: str) -> tuple[str, ...]:
    """What ends the erl below `place`."""
    return ("/bin/sh", "-c", _END, "ejtui", place)


def size(columns: int, rows: int) -> bytes:
    """The sequence that sets a new size in run_erl; sent like keys, and the erl does not see it."""
    return b"\x1b_winsize=%d,%d\x1b\\" % (columns, rows)
