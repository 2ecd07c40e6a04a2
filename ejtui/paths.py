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


APART = "~"
"""In a pair's name, what keeps the names of both nodes apart from the digest of their hosts."""


def journal_file(pair: str) -> Path:
    """The journal of one pair (see `Config.pair`); its directory is created, the file is not.

    One that was kept under the names alone becomes that of the first pair that asks for it.
    """
    return _of_pair(_private(state_dir() / "journals"), pair, "", ".jsonl")


def choices_file(pair: str) -> Path:
    """The choices of tables of one pair; as `journal_file`."""
    return _of_pair(state_dir(), pair, "choices-", ".json")


def _quoted(pair: str) -> str:
    """A pair's name as one that leads nowhere else."""
    from urllib.parse import quote  # takes a while, and start-up has no journal

    return quote(pair, safe=f"+{APART}").lstrip(".")


def _of_pair(directory: Path, pair: str, before: str, after: str) -> Path:
    from urllib.parse import quote  # takes a while, and start-up has no journal

    names, apart, digest = pair.rpartition(APART)
    quoted = quote(names if apart else digest, safe="+")
    path = directory / f"{before}{quoted}{apart}{digest if apart else ''}{after}"
    old = directory / f"{before}{quoted}{after}"
    if old != path and not path.exists():
        with suppress(OSError):
            old.rename(path)
    return path


def recordings_dir(pair: str = "") -> Path:
    """Where the recordings of a pair's erl shells lie, created 0700.

    Those of an older ejtui lie beside the pairs' directories, where "" leads.
    """
    everything = _private(state_dir() / "recordings")
    return _private(everything / _quoted(pair)) if pair else everything


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
