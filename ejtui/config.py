"""The configuration: which hosts there are, and which two of them are the pair at hand.

`load` reads the TOML file and answers a `Config` of which every value has been checked, or raises
one `ConfigError` that says file, key, what is wrong and what would be right.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

Become = Literal["sudo", "doas", "su", "none"]

LOCAL = "local"
BECOME: tuple[Become, ...] = ("sudo", "doas", "su", "none")
PLATFORMS = ("openbsd", "freebsd", "debian", "processone")

# What a platform gives and a node's table may override, each as text.
PLATFORM_VALUES = (
    "node", "home", "spool_dir", "log_dir", "config_dir", "service_user", "hostname",
    "erl", "epmd", "ejabberdctl", "ejabberdctl_cfg",
    "start", "stop", "run_start_as", "dist_options",
)  # fmt: skip

_SSH_TEXTS = ("user", "proxy_jump")
_SSH_FILES = ("identity_file", "ssh_config", "known_hosts")
_SSH_ONLY = (*_SSH_TEXTS, *_SSH_FILES, "port")
_NODE_KEYS = ("address", "become", "platform", "env", *_SSH_ONLY, *PLATFORM_VALUES)
_TOP_KEYS = ("first", "second", "nodes")
_COMMAND_LINES = ("start", "stop", "dist_options")

EXAMPLE = """\
first = "first"               # the node that has the accounts
second = "second"             # the node that joins it

[nodes.first]
address = "first.example.net" # or "local" for the machine ejtui runs on
user = "op"
become = "sudo"               # sudo, doas, su or none

[nodes.second]
address = "second.example.net"
user = "op"
become = "sudo"
"""


class ConfigError(Exception):
    """One thing wrong with the configuration.

    Attributes: `file` (as the operator may open it), `key` (dotted; empty for the whole file),
    `what` is wrong, `would_be_right`; `str()` puts them into one message.
    """

    def __init__(self, file: Path | str, key: str, what: str, would_be_right: str) -> None:
        self.file = str(file)
        self.key = key
        self.what = what
        self.would_be_right = would_be_right
        subject = f"{self.file}: {key}" if key else self.file
        super().__init__(f"{subject}: {what}\n  {would_be_right}")


class ConfigMissing(ConfigError):
    """There is no configuration at the place asked for."""

    def __init__(self, file: Path | str) -> None:
        super().__init__(
            file,
            "",
            "there is no configuration here yet",
            "write one, for two hosts that ssh reaches:\n\n"
            + "".join(f"    {line}\n" if line else "\n" for line in EXAMPLE.splitlines())
            + "\n  or practise first on two real nodes on this machine: ejtui lab",
        )


@dataclass(frozen=True)
class HostConfig:
    """One node's table: how to reach its host, and what to believe instead of asking it.

    `user`, `port` and the rest that is None come from OpenSSH's own settings. `overrides` holds
    platform values by name; variables of the environment are there as `env.NAME`.
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

    @property
    def is_local(self) -> bool:
        """Whether this is the machine that ejtui runs on."""
        return self.address == LOCAL


@dataclass(frozen=True)
class Config:
    """The nodes by name, and the names of the two at hand; `path` is None for one not from a file.

    Both names are in `nodes`, and differ.
    """

    first: str
    second: str
    nodes: Mapping[str, HostConfig]
    path: Path | None = None

    @property
    def pair(self) -> str:
        """The pair's name, for the journal and for people."""
        return f"{self.first}+{self.second}"


def load(path: Path | str, *, first: str | None = None, second: str | None = None) -> Config:
    """Read the configuration at `path`; `first` and `second` name another pair of its nodes.

    Raises ConfigMissing when there is no such file, and ConfigError for everything else.
    """
    path = Path(path).expanduser()
    table = _parse(path, _read(path))
    _refuse_unknown(path, "", table, _TOP_KEYS)
    nodes = _nodes(path, table)
    chosen = (
        _chosen(path, "first", first, table, nodes),
        _chosen(path, "second", second, table, nodes),
    )
    if chosen[0] == chosen[1]:
        raise ConfigError(
            path,
            "second",
            f'first and second are both "{chosen[0]}"',
            f"they should be two of the nodes listed: {_listed(nodes)}",
        )
    return Config(*chosen, nodes=MappingProxyType(nodes), path=path)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigMissing(path) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            path, "", f"byte {error.start} is not UTF-8", "save the file as UTF-8 text"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            path, "", f"cannot be read: {reason}", "it should be a file that you may read"
        ) from None


def _parse(path: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, number = _torn_at(str(error), text)
        lines = text.splitlines() or [""]
        shown = lines[min(number, len(lines)) - 1].strip()
        raise ConfigError(
            path,
            "",
            f"line {number} is not TOML: {what}",
            f'line {number} reads {_quoted(shown)}; a value is written like user = "op"',
        ) from None
    except RecursionError:
        raise ConfigError(path, "", "is nested too deeply", "tables like [nodes.first]") from None


def _torn_at(message: str, text: str) -> tuple[str, int]:
    """The parser's complaint without its position, and the line (from 1) that it is about."""
    found = re.search(r" \(at line (\d+), column \d+\)$", message)
    if found:
        return message[: found.start()], int(found[1])
    return message.removesuffix(" (at end of document)"), max(1, len(text.splitlines()))


def _chosen(
    path: Path, key: str, option: str | None, table: dict[str, object], nodes: dict[str, HostConfig]
) -> str:
    """The node that plays the part `key`: the command line's, else the file's."""
    value = table.get(key) if option is None else option
    where: Path | str = path if option is None else "command line"
    shown = key if option is None else f"--{key}"
    if value is None:
        raise ConfigError(path, key, "is missing", f"add {key} = NAME, one of: {_listed(nodes)}")
    name = _text(where, shown, value, f'{key} = "{next(iter(nodes))}"')
    if name not in nodes:
        near = _nearest(name, nodes)
        raise ConfigError(
            where,
            shown,
            f"there is no node {_quoted(name)}{near}",
            f"it should be one of the nodes in {path}: {_listed(nodes)}",
        )
    return name


def _nodes(path: Path, table: dict[str, object]) -> dict[str, HostConfig]:
    given = table.get("nodes")
    right = 'two tables or more, such as\n\n    [nodes.first]\n    address = "first.example.net"'
    if given is None:
        raise ConfigError(path, "nodes", "is missing", right)
    if not isinstance(given, dict):
        raise ConfigError(path, "nodes", f"is {_kind(given)}", f"it should be {right}")
    if len(given) < 2:
        count = "no node is" if not given else "one node alone is"
        raise ConfigError(path, "nodes", f"{count} listed", f"it should be {right}")
    return {name: _node(path, name, value) for name, value in given.items()}


def _node(path: Path, name: str, value: object) -> HostConfig:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", name):
        raise ConfigError(
            path,
            f"nodes.{_quoted(name)}",
            "is not a name for a node",
            "it should be letters, digits, dots, dashes and underscores, such as [nodes.second]",
        )
    key = f"nodes.{name}"
    if not isinstance(value, dict):
        raise ConfigError(
            path, key, f"is {_kind(value)}", f"it should be a table: [{key}] and its keys below"
        )
    _refuse_unknown(path, key, value, _NODE_KEYS)
    return _NodeReader(path, key, value).host(name)


class _NodeReader:
    """Reads one node's table, each value with its own check."""

    def __init__(self, path: Path, prefix: str, table: dict[str, object]) -> None:
        self._path = path
        self._prefix = prefix
        self._table = table

    def host(self, name: str) -> HostConfig:
        address = self._address()
        if address == LOCAL:
            self._refuse_ssh()
        user = self._matching("user", r"[A-Za-z0-9._][A-Za-z0-9._@+\\$-]*", "a user's name", "op")
        return HostConfig(
            name=name,
            address=address,
            user=user,
            become=self._become(address, user),
            platform=self._one_of("platform", PLATFORMS),
            port=self._port(),
            identity_file=self._file("identity_file"),
            proxy_jump=self._matching(
                "proxy_jump",
                r"[A-Za-z0-9._\[][][A-Za-z0-9._:@%,+/-]*",
                "a jump host",
                "jump.example",
            ),
            ssh_config=self._file("ssh_config"),
            known_hosts=self._file("known_hosts"),
            overrides=MappingProxyType(self._overrides()),
        )

    def _error(self, key: str, what: str, right: str) -> ConfigError:
        return ConfigError(self._path, f"{self._prefix}.{key}", what, right)

    def _text(self, key: str, example: str) -> str | None:
        value = self._table.get(key)
        if value is None:
            return None
        return _text(self._path, f"{self._prefix}.{key}", value, f"{key} = {_quoted(example)}")

    def _matching(self, key: str, pattern: str, noun: str, example: str) -> str | None:
        value = self._text(key, example)
        if value is not None and not re.fullmatch(pattern, value):
            raise self._error(
                key,
                f"{_quoted(value)} is not {noun}",
                f"it should be {noun}, such as {key} = {_quoted(example)}",
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
        for key in self._table:
            if key in _SSH_ONLY:
                raise self._error(
                    key,
                    "is for ssh, and this node is the machine that ejtui runs on",
                    f"leave {key} out, or give the host's name as address",
                )

    def _one_of(self, key: str, values: tuple[str, ...]) -> str | None:
        value = self._text(key, values[0])
        if value is not None and value not in values:
            raise self._error(
                key,
                f"{_quoted(value)} is not known{_nearest(value, values)}",
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
            raise self._error("port", f"is {_kind(value)}", right)
        if not 1 <= value <= 65535:
            raise self._error("port", f"is {value}", right)
        return value

    def _file(self, key: str) -> str | None:
        value = self._text(key, f"~/.ssh/{key}")
        if value is None:
            return None
        # A relative path means the same file wherever ejtui is started from.
        return str(self._path.absolute().parent / Path(value).expanduser())

    def _overrides(self) -> dict[str, str]:
        found = {}
        for key in PLATFORM_VALUES:
            value = self._text(key, _EXAMPLES[key])
            if value is not None:
                found[key] = self._checked(key, value)
        return found | self._environment()

    def _checked(self, key: str, value: str) -> str:
        if key == "node" and not re.fullmatch(r"[A-Za-z0-9_-]+@[A-Za-z0-9._:-]+", value):
            raise self._error(
                key,
                f"{_quoted(value)} is not an Erlang node's name",
                'it should be name@host, such as node = "ejabberd@first"',
            )
        if key in _COMMAND_LINES:
            try:
                shlex.split(value)
            except ValueError as error:
                raise self._error(
                    key,
                    f"{_quoted(value)} is not a command line: {str(error).lower()}",
                    f"it should be like {key} = {_quoted(_EXAMPLES[key])}",
                ) from None
        return value

    def _environment(self) -> dict[str, str]:
        given = self._table.get("env", {})
        if not isinstance(given, dict):
            raise self._error(
                "env", f"is {_kind(given)}", 'it should be a table: env.ERL_EPMD_PORT = "4369"'
            )
        found = {}
        for name, value in given.items():
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                raise self._error(
                    f"env.{_quoted(name)}",
                    "is not a variable's name",
                    "it should be letters, digits and underscores",
                )
            key = f"env.{name}"
            text = str(value) if type(value) is int else value
            found[key] = _text(self._path, f"{self._prefix}.{key}", text, f'{key} = "text"')
        return found


_EXAMPLES = {
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
}


def _text(path: Path | str, key: str, value: object, example: str) -> str:
    """The value when it is text of at least one character and without control characters."""
    if not isinstance(value, str):
        raise ConfigError(path, key, f"is {_kind(value)}", f"it should be text: {example}")
    if not value:
        raise ConfigError(path, key, "is empty", f"it should be like {example}, or left out")
    if not value.isprintable():
        raise ConfigError(
            path,
            key,
            f"{_quoted(value)} has a character that does not print",
            f"it should be plain text of one line, like {example}",
        )
    return value


def _refuse_unknown(
    path: Path, prefix: str, table: dict[str, object], known: tuple[str, ...]
) -> None:
    for key in table:
        if key not in known:
            shown = key if key.isidentifier() else _quoted(key)
            raise ConfigError(
                path,
                f"{prefix}.{shown}" if prefix else shown,
                f"is not a key that ejtui knows{_nearest(key, known)}",
                f"the keys {f'of [{prefix}]' if prefix else 'here'} are: {', '.join(known)}",
            )


def _nearest(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _listed(nodes: Mapping[str, object]) -> str:
    return ", ".join(nodes)


def _kind(value: object) -> str:
    """What a TOML value is, in words."""
    match value:
        case bool():
            return "true or false"
        case int():
            return f"the number {value}"
        case float():
            return f"the number {value}"
        case str():
            return f"text ({_quoted(value)})"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def _quoted(value: str) -> str:
    """The text in double quotes on one line, whatever is in it; cut when it is long."""
    shown = value if len(value) <= 60 else value[:57] + "..."
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in escaped)
    return f'"{safe}"'
