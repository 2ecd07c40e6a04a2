"""What a host reports of its ejabberd: its places, the user it runs as, how it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ejtui.platforms.catalogue import KINDS

STEERED = "steered"
"""The source of a platform whose values another user than root may have written: the file."""

UNIT = "ejabberd's unit"
"""The source of what systemd's unit of ejabberd gives it."""

NODE_ARG = "node_arg"
"""The source of a node's name where the unit gives it on ejabberdctl's command line: it wins."""

INTERFACE = "dist_interface"
"""The source of the address to listen on where options for erl give it: the settings with them."""

BACKUPS = "ejtui-backups"
"""What the directory of all backups is called."""


@dataclass(frozen=True)
class CookieOption:
    """A `-setcookie` in a line of a file; `sha256` is the digest of the cookie that it gives."""

    path: str
    line: int
    sha256: str


@dataclass(frozen=True)
class Platform:
    """A host's ejabberd, as ejabberdctl there would run it.

    `node` is the full Erlang node name; paths are absolute; `start` and `stop` are run as
    `run_start_as` (None: the login user); `env` and `dist_options` are what an `erl` needs to
    meet that node, and `boot_options` what it needs to start at all where it comes with the
    release;
    `backup_dir` is where the configuration wants backups, "" where it does not set it; `epmd_unit`
    is systemd's unit that starts epmd, "" where there is none;
    `cookie_options` are the options that give erl a cookie; `sources`: where each value came from.
    """

    kind: str
    node: str
    home: str
    spool_dir: str
    log_dir: str
    config_dir: str
    service_user: str
    erl: str
    epmd: str
    ejabberdctl: str
    ejabberdctl_cfg: str
    hostname: str
    start: tuple[str, ...]
    stop: tuple[str, ...]
    run_start_as: str | None
    env: Mapping[str, str]
    dist_options: tuple[str, ...]
    sources: Mapping[str, str]
    boot_options: tuple[str, ...] = ()
    backup_dir: str = ""
    root: str | None = "root"
    epmd_unit: str = ""
    cookie_options: tuple[CookieOption, ...] = ()
    own_config_file: str = ""

    @property
    def config_file(self) -> str:
        """ejabberd's own configuration: as the host's settings name it, or where it always is."""
        return self.own_config_file or f"{self.config_dir}/ejabberd.yml"

    @property
    def is_bsd(self) -> bool:
        """Whether its tools are spelled as the BSDs spell them."""
        return KINDS[self.kind].is_bsd

    @property
    def unit(self) -> str:
        """The full name of ejabberd's unit, "" where systemd does not manage it."""
        if not self.stop or self.stop[0].rpartition("/")[2] != "systemctl":
            return ""
        name = self.stop[-1]
        return name if "." in name else f"{name}.service"

    @property
    def erl_line(self) -> tuple[str, ...]:
        """What every command line that starts an erl there begins with."""
        return (self.erl, *self.boot_options)


def backup_root(platform: Platform) -> str:
    """The directory of all backups on a host.

    It is the configuration's `backup_dir`, or in the home when the database is, so that a cleaned
    database directory does not take it along; else in the database directory, so that a move
    stays a rename.
    """
    return platform.backup_dir or backups_beside(platform)[-1]


def backups_beside(platform: Platform) -> list[str]:
    """That directory where the configuration names none, and before it the one above."""
    spool, home = platform.spool_dir.rstrip("/"), platform.home.rstrip("/")
    top = home if f"{spool}/".startswith(f"{home}/") else spool
    return [top, f"{top}/{BACKUPS}"]
