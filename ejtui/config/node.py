"""One node's table: what it may hold, and the check of each value."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal, cast

from ejtui.config.checks import kind, nearest, plain_text, quoted, refuse_unknown
from ejtui.config.errors import ConfigError, Mistakes

Become = Literal["sudo", "doas", "su", "none"]

LOCAL = "local"
BECOME: tuple[Become, ...] = ("sudo", "doas", "su", "none")
# By their files alone: what these declare stands right of this.
_KINDS = Path(__file__).parents[1] / "platforms" / "kinds"
PLATFORMS = tuple(sorted(file.stem for file in _KINDS.glob("[a-z]*.py")))

# What a platform gives and a node's table may override, each as text; with an example of it.
PLATFORM_VALUES = {
    "node": "ejabberd@first",
    "home": "/var/lib/ejabberd",
    "spool_dir": "/var/lib/ejabberd",
    "log_dir": "/var/log/ejabberd",
    "config_dir": "/etc/ejabberd",
    "service_user": "ejabberd",
    "hostname": "first",
    "erl": "/usr/bin/erl",
    "epmd": "/usr/bin/epmd",
    "ejabberdctl": "/usr/sbin/ejabberdctl",
    "ejabberdctl_cfg": "/etc/default/ejabberd",
    "start": "systemctl start ejabberd",
    "stop": "systemctl stop ejabberd",
    "run_start_as": "root",
    "dist_options": "-kernel inet_dist_listen_min 4370",
    "backup_dir": "/srv/ejabberd-backups",
}

_SSH_ONLY = ("user", "port", "identity_file", "proxy_jump", "ssh_config", "known_hosts")
_NODE_KEYS = ("address", "become", "platform", "env", *_SSH_ONLY, *PLATFORM_VALUES)
_COMMAND_LINES = ("start", "stop", "dist_options")


@dataclass(frozen=True)
class HostConfig:
    """One node's table: how to reach its host, and what to believe instead of asking it.

    `user`, `port` and the rest that is None come from OpenSSH's own settings. `overrides` holds
    platform values by name; variables of the environment are there as `env.NAME`. `key` is the
    name in the file, where the node is called otherwise.
    """

    name: str
    address: str
    user: str | None = None
    become: Become = "sudo"
    platform: str | None = None
    port: int | None = None
    identity_file: str | None = None
    proxy_jump: str | None = None
    ssh_config: str | None = None
    known_hosts: str | None = None
    overrides: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    key: str = field(default="", compare=False)

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes it another host, or another node there, than that of other values."""
        host = (self.address.lower(), str(self.port or ""), self.proxy_jump or "")
        # The same name may be another host by other settings of ssh.
        node = (f"{key}={self.overrides.get(key, '')}" for key in ("node", "home", "spool_dir"))
        return (*host, self.ssh_config or "", *node)

    @property
    def name_in_file(self) -> str:
        """What `--first` and `--second` call it."""
        return self.key or self.name

    @property
    def is_local(self) -> bool:
        """Whether this is this computer, which ejtui runs on."""
        return self.address == LOCAL


def read_node(path: Path, name: str, value: object) -> HostConfig:
    """The table `[nodes.NAME]` of the file at `path`, checked.

    Raises ConfigError with all that is wrong in it.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", name):
        raise ConfigError(
            path,
            f"nodes.{quoted(name)}",
            "is not a name for a node",
            "it should be letters, digits, dots, dashes and underscores, such as [nodes.second]",
        )
    key = f"nodes.{name}"
    if not isinstance(value, dict):
        raise ConfigError(
            path, key, f"is {kind(value)}", f"it should be a table: [{key}] and its keys below"
        )
    return _Reader(path, key, value).host(name)


class _Reader:
    """Reads one node's table, each value with its own check."""

    def __init__(self, path: Path, prefix: str, table: dict[str, object]) -> None:
        self._path = path
        self._prefix = prefix
        self._table = table

    def host(self, name: str) -> HostConfig:
        """All of the table; raises ConfigError with every value that is not right."""
        mistakes = Mistakes()
        read = mistakes.read
        read(lambda: refuse_unknown(self._path, self._prefix, self._table, _NODE_KEYS))
        address = read(self._address) or ""
        if address == LOCAL:
            read(self._refuse_ssh)
        user = read(self._user)
        host = HostConfig(
            name=name,
            address=address,
            user=user,
            become=read(lambda: self._become(address, user)) or "sudo",
            platform=read(lambda: self._one_of("platform", PLATFORMS)),
            port=read(self._port),
            identity_file=read(lambda: self._file("identity_file")),
            proxy_jump=read(self._proxy_jump),
            ssh_config=read(lambda: self._file("ssh_config")),
            known_hosts=read(lambda: self._file("known_hosts")),
            overrides=MappingProxyType(self._overrides(mistakes)),
        )
        mistakes.report()
        return host

    def _user(self) -> str | None:
        return self._matching("user", r"[A-Za-z0-9._][A-Za-z0-9._@+\\$-]*", "a user's name", "op")

    def _proxy_jump(self) -> str | None:
        pattern = r"[A-Za-z0-9._\[][][A-Za-z0-9._:@%,+/-]*"
        return self._matching("proxy_jump", pattern, "a jump host", "jump.example")

    def _error(self, key: str, what: str, right: str) -> ConfigError:
        return ConfigError(self._path, f"{self._prefix}.{key}", what, right)

    def _text(self, key: str, example: str) -> str | None:
        value = self._table.get(key)
        if value is None:
            return None
        return plain_text(self._path, f"{self._prefix}.{key}", value, f"{key} = {quoted(example)}")

    def _matching(self, key: str, pattern: str, noun: str, example: str) -> str | None:
        value = self._text(key, example)
        if value is not None and not re.fullmatch(pattern, value):
            raise self._error(
                key,
                f"{quoted(value)} is not {noun}",
                f"it should be {noun}, such as {key} = {quoted(example)}",
            )
        return value

    def _address(self) -> str:
        noun = "a host's name or address"
        value = self._matching(
            "address", r"[A-Za-z0-9_:][A-Za-z0-9._:%-]{0,254}", noun, "first.example.net"
        )
        if value is None:
            raise self._error(
                "address", "is missing", 'add address = "host.example.net", or "local"'
            )
        return value

    def _refuse_ssh(self) -> None:
        mistakes = Mistakes()
        for key in self._table:
            if key in _SSH_ONLY:
                mistakes.read(partial(self._refuse_of_ssh, key))
        mistakes.report()

    def _refuse_of_ssh(self, key: str) -> None:
        raise self._error(
            key,
            "is for ssh, and this node is on this computer, where ejtui runs",
            f"leave {key} out, or give the host's name as address",
        )

    def _one_of(self, key: str, values: tuple[str, ...]) -> str | None:
        value = self._text(key, values[0])
        if value is not None and value not in values:
            raise self._error(
                key,
                f"{quoted(value)} is not known{nearest(value, values)}",
                f"it should be one of: {', '.join(values)}",
            )
        return value

    def _become(self, address: str, user: str | None) -> Become:
        value = self._one_of("become", BECOME)
        if value is not None:
            return cast(Become, value)
        is_root = os.geteuid() == 0 if address == LOCAL else user == "root"
        return "none" if is_root else "sudo"

    def _port(self) -> int | None:
        value = self._table.get("port")
        if value is None:
            return None
        right = "it should be a whole number from 1 to 65535, such as port = 22"
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._error("port", f"is {kind(value)}", right)
        if not 1 <= value <= 65535:
            raise self._error("port", f"is {value}", right)
        return value

    def _file(self, key: str) -> str | None:
        value = self._text(key, f"~/.ssh/{key}")
        if value is None:
            return None
        # A relative path means the same file wherever ejtui is started from.
        return str(self._path.absolute().parent / Path(value).expanduser())

    def _overrides(self, mistakes: Mistakes) -> dict[str, str]:
        found = {key: mistakes.read(partial(self._override, key)) for key in PLATFORM_VALUES}
        environment = mistakes.read(self._environment) or {}
        return {key: value for key, value in found.items() if value is not None} | environment

    def _override(self, key: str) -> str | None:
        value = self._text(key, PLATFORM_VALUES[key])
        return None if value is None else self._checked(key, value)

    def _checked(self, key: str, value: str) -> str:
        if key == "node" and not re.fullmatch(r"[A-Za-z0-9_-]+@[A-Za-z0-9._:-]+", value):
            raise self._error(
                key,
                f"{quoted(value)} is not an Erlang node's name",
                'it should be name@host, such as node = "ejabberd@first"',
            )
        if key == "backup_dir" and not _plain_directory(value):
            raise self._error(
                key,
                f"{quoted(value)} is not the path of a directory",
                "it should be absolute and name one directory, such as "
                f"{key} = {quoted(PLATFORM_VALUES[key])}",
            )
        if key in _COMMAND_LINES:
            try:
                shlex.split(value)
            except ValueError as error:
                raise self._error(
                    key,
                    f"{quoted(value)} is not a command line: {str(error).lower()}",
                    f"it should be like {key} = {quoted(PLATFORM_VALUES[key])}",
                ) from None
        return value

    def _environment(self) -> dict[str, str]:
        given = self._table.get("env", {})
        if not isinstance(given, dict):
            raise self._error(
                "env", f"is {kind(given)}", 'it should be a table: env.ERL_EPMD_PORT = "4369"'
            )
        mistakes = Mistakes()
        found = {
            f"env.{name}": mistakes.read(partial(self._variable, name, value))
            for name, value in given.items()
        }
        mistakes.report()
        return {key: value for key, value in found.items() if value is not None}

    def _variable(self, name: str, value: object) -> str:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise self._error(
                f"env.{quoted(name)}",
                "is not a variable's name",
                "it should be letters, digits and underscores",
            )
        key = f"env.{name}"
        text = str(value) if type(value) is int else value
        return plain_text(self._path, f"{self._prefix}.{key}", text, f'{key} = "text"')


def _plain_directory(value: str) -> bool:
    """Whether it is an absolute path without detours, and not the root of all."""
    path = PurePosixPath(value)
    return path.is_absolute() and str(path) == value and ".." not in path.parts and value != "/"
