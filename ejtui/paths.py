"""Where ejtui keeps its own files: the configuration, and below the state directory the rest.

Directories are created when asked for, readable by their owner alone (0700): a recording shows
what an operator saw, and a journal names hosts and accounts. One that cannot be created is no error
here; opening a file in it is.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def config_file() -> Path:
    """The configuration's place; nothing is created, and the file need not exist."""
    return _base("XDG_CONFIG_HOME", ".config") / "ejtui" / "config.toml"


def state_dir() -> Path:
    """`$XDG_STATE_HOME/ejtui`, created 0700."""
    return _private(_base("XDG_STATE_HOME", ".local/state") / "ejtui")


def journal_file(pair: str) -> Path:
    """The journal of one pair (see `Config.pair`); its directory is created, the file is not."""
    from urllib.parse import quote  # takes a while, and start-up has no journal

    return _private(state_dir() / "journals") / f"{quote(pair, safe='+')}.jsonl"


def recordings_dir() -> Path:
    """Where the recordings of erl shells lie, created 0700."""
    return _private(state_dir() / "recordings")


def reports_dir() -> Path:
    """Where the reports for tickets lie that the app writes, created 0700."""
    return _private(state_dir() / "reports")


def manifests_dir() -> Path:
    """Where the copies of the backups' manifests lie, created 0700."""
    return _private(state_dir() / "manifests")


def compiled_dir() -> Path:
    """Where what hosts have compiled lies, `$XDG_CACHE_HOME/ejtui/compiled`, created 0700."""
    return _private(_base("XDG_CACHE_HOME", ".cache") / "ejtui" / "compiled")


def _base(variable: str, default: str) -> Path:
    # The XDG specification: a relative path in these variables is invalid and is ignored.
    given = Path(os.environ.get(variable, ""))
    return given if given.is_absolute() else Path.home() / default


def _private(directory: Path) -> Path:
    # Where it cannot be made, opening a file in it fails, and that error is handled.
    with suppress(OSError):
        if not directory.is_dir():
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory
