"""OpenSSH's settings for one host, read as ssh itself reads them.

asyncssh's own reading takes included files in any order, runs `Match exec` without its tokens,
stumbles over comments behind a value, and forgets what it knew for `Match final` and canonical
names: each of which would lead to another place than ssh's.
"""

from __future__ import annotations

import getpass
import re
import shlex
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from asyncssh.config import ConfigParseError, SSHClientConfig, SSHConfig

from ejtui.config import HostConfig

_SETTING = re.compile(r"(\w+)(?:\s*=\s*|\s+|$)(.*)")
_SYSTEM = Path("/etc/ssh")
_FILES = {"IdentityFile", "CertificateFile"}


def settings_files(config: HostConfig) -> list[str]:
    """Return the files with OpenSSH's settings that are there."""
    if config.ssh_config:
        return [config.ssh_config]
    paths = [Path("~/.ssh/config").expanduser(), _SYSTEM / "ssh_config"]
    return [str(path) for path in paths if path.is_file()]


class Settings(SSHClientConfig):
    """The files' settings of one host, once `read` and `finish` are done."""

    def read(self, path: Path) -> None:
        """Take the file's settings. Raises OSError and ValueError with file and line."""
        self._path, self._line_no, self._matching = path, 0, True
        self._tokens.setdefault("%", "%")
        lines = path.read_text("utf-8", "surrogateescape").splitlines()
        for number, line in enumerate(lines, 1):
            self._line_no = number
            found = _SETTING.fullmatch(line.strip())
            if found:
                self._take(found[1].lower(), found[2])

    def _take(self, keyword: str, value: str) -> None:
        if keyword not in self._handlers or not (self._matching or keyword in self._conditionals):
            return
        option, handler = self._handlers[keyword]
        words = [value] if keyword in self._no_split else self._words(value)
        if not words or not words[0]:
            self._error(f"Missing {option} value")
        handler(self, option, words)
        if words:
            self._error(f"Extra data at end: {' '.join(words)}")

    def _words(self, text: str) -> list[str]:
        try:
            words = shlex.split(text)
        except ValueError:
            try:
                return shlex.split(text, comments=True)
            except ValueError as exc:
                self._error(str(exc))
        comment = next((at for at, word in enumerate(words) if word.startswith("#")), None)
        return words[:comment]

    def _include_sorted(self, _option: str, args: list[str]) -> None:
        before = self._path, self._line_no
        base = _SYSTEM if self._path.is_relative_to(_SYSTEM) else Path("~/.ssh").expanduser()
        for pattern in args:
            whole = base / Path(pattern).expanduser()
            inside = str(whole.relative_to(whole.anchor))
            for path in sorted(Path(whole.anchor).glob(inside)):
                if path.is_file():
                    self._included(path)
        (self._path, self._line_no), self._matching = before, True
        args.clear()

    def _included(self, path: Path) -> None:
        try:
            self.read(path)
        except RecursionError:
            self._error("it includes itself")

    def _match_expanded(self, option: str, args: list[str]) -> None:
        self._set_tokens()
        for at, word in enumerate(args[:-1]):
            if word.lower() in ("exec", "!exec"):
                args[at + 1] = re.sub("%(.)", self._exec_token, args[at + 1])
        self._match(option, args)

    def _exec_token(self, found: re.Match[str]) -> str:
        token = found[1]
        return self._tokens[token] if token in self._tokens else self._no_token(token)

    def _no_token(self, token: str) -> NoReturn:
        self._error(f"Match exec has no value for %{token} here")

    def finish(self) -> None:
        """Put the values for tokens, once all is read. Raises ValueError."""
        self._set_tokens()
        for option in self._percent_expand & self._options.keys():
            value = self._options[option]
            if isinstance(value, list):
                self._options[option] = [self._expand_val(each) for each in value]
            elif isinstance(value, str):
                self._options[option] = self._expand_val(value)
        for option in _FILES & self._options.keys():
            values: Any = self._options[option]
            files = [str(Path(value).expanduser()) for value in dict.fromkeys(values)]
            self._options[option] = [found for file in files if (found := self._there(file))]
        self.loaded = True

    def _there(self, file: str) -> str | None:
        """Return what to use for a key's file: ssh passes over one that is not there.

        Where nothing but named keys may be used, a public half stands for the agent's key.
        """
        public = bool(self.get("IdentitiesOnly", False))
        if Path(file).exists():
            return file if public or not file.endswith(".pub") or "-cert" in file else None
        return f"{file}.pub" if public and Path(f"{file}.pub").exists() else None

    def named(self, host: str) -> None:
        """Hold on to the canonical name of the host."""
        self._options["Hostname"] = host

    _handlers = {  # noqa: RUF012 - as in the class above
        **SSHClientConfig._handlers,
        "hashknownhosts": ("HashKnownHosts", SSHConfig._set_bool),
        "include": ("Include", _include_sorted),
        "match": ("Match", _match_expanded),
    }


def read_settings(config: HostConfig) -> Settings:
    """Return what OpenSSH's files set for a host; may ask a name server and run commands.

    Raises OSError for a file that cannot be read and ValueError for one that is not understood.
    """
    files = settings_files(config)
    settings = _pass(config, files, None, config.address, canonical=False)
    final = settings.has_match_final()
    canonical = _canonical(settings, config.address)
    if canonical:
        settings.named(canonical)
    if final or canonical:
        settings = _pass(
            config, files, settings, canonical or config.address, bool(canonical), final=final
        )
    settings.finish()
    return settings


def _pass(
    config: HostConfig,
    files: Sequence[str],
    before: Settings | None,
    host: str,
    canonical: bool,
    *,
    final: bool = False,
) -> Settings:
    user, port = config.user or (), config.port or ()
    settings = Settings(before, False, canonical, final, getpass.getuser(), user, host, port)  # type: ignore[arg-type]
    for file in files:
        settings.read(Path(file))
    return settings


def _canonical(settings: Settings, address: str) -> str | None:
    """Return the name that CanonicalizeHostname makes of the host's, if any."""
    wanted = settings.get("CanonicalizeHostname", False)
    name = str(settings.get("Hostname", address))
    jumps = settings.get("ProxyJump") or settings.get("ProxyCommand")
    if not wanted or (jumps and wanted != "always"):
        return None
    if ":" in name or re.fullmatch(r"[\d.]+", name) or name.endswith("."):
        return None
    dots: Any = settings.get("CanonicalizeMaxDots", 1)
    if name.count(".") > dots:
        return None
    domains: Any = settings.get("CanonicalDomains", [])
    for domain in domains:
        full = f"{name}.{domain}"
        try:
            socket.getaddrinfo(full, None)
        except OSError:
            continue
        return full
    if settings.get("CanonicalizeFallbackLocal", True):
        return None
    raise ConfigParseError(f"no CanonicalDomains has a host {name}")
