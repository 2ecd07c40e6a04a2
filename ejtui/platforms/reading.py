"""A host's platform, made of what it reports, its packages' table, and the configuration."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from ejtui.cleaning import clean
from ejtui.hosts.errors import HostError, NotInstalled
from ejtui.hosts.programs import hiding
from ejtui.platforms import erl_options
from ejtui.platforms.catalogue import KINDS, SERVICES, kind_of
from ejtui.platforms.detection import SCRIPT, answers
from ejtui.platforms.kind import SYSTEMD
from ejtui.platforms.platform import INTERFACE, NODE_ARG, STEERED, UNIT, CookieOption, Platform

if TYPE_CHECKING:
    from ejtui.config import HostConfig
    from ejtui.hosts.host import Host

_FROM_CONFIG = "configuration"

_ENVIRONMENT = (
    *("ERL_EPMD_PORT", "ERL_EPMD_ADDRESS", "ERL_DIST_PORT", "ERL_LIBS", "ERL_INETRC", "TERM"),
    "EJABBERD_MNESIA_SCHEMA",
)

_PORTS = ("ERL_EPMD_PORT", "ERL_DIST_PORT")
_PORT = re.compile(r"[0-9]{1,5}")

_OPTIONS = (
    *("var.ERL_AFLAGS", "var.ERL_OPTIONS", "vmargs", "var.EJABBERD_OPTS", "var.ERL_FLAGS"),
    "var.ERL_ZFLAGS",
)
"""What a host reports of options for erl, in the order that erl takes them."""


async def ask_platform(host: Host, config: HostConfig) -> Platform:
    """Ask a host about its ejabberd, in one round trip.

    The values of ejabberdctl and its configuration come first, then those of the platform's
    packages; a value in `config.overrides` wins over all. Raises `NotInstalled` when
    ejabberd or Erlang is not there, and what `Host.run` raises.
    """
    reported = await _asked(host, config, host.root)
    if STEERED not in reported:
        return _Reading(host, config, reported).platform()
    # Root does not run what another user may write: that user does.
    user, by = _steering(host, config, reported), reported[STEERED]
    platform = _Reading(
        host, config, {**await _asked(host, config, user, again=True), STEERED: by}
    ).platform()
    if platform.service_user != user:
        raise _unsafe(host, f"{by} names {platform.service_user} as ejabberd's user, not {user}")
    return platform


async def _asked(
    host: Host, config: HostConfig, user: str | None, *, again: bool = False
) -> dict[str, str]:
    given = config.overrides
    names = ("ejabberdctl", "ejabberdctl_cfg", "config_dir", "service_user")
    words = [given.get(name, "") for name in names]
    # Its text comes by standard input: sudo logs whole command lines, in many lines for a long one.
    argv = ["/bin/sh", "-c", 'eval "$(cat)"', "ask", *words, "again" if again else ""]
    return answers((await host.run(argv, user=user, stdin=SCRIPT.encode())).stdout)


def _steering(host: Host, config: HostConfig, reported: Mapping[str, str]) -> str:
    """Return who runs ejabberd, where others than root may write ejabberdctl or what it reads.

    Raises HostError where ejabberdctl names somebody else than the one who may write it.
    """
    if "service_user" in config.overrides:
        return config.overrides["service_user"]
    user = reported.get("installuser") or host.login
    holder = reported.get("holder", user)
    if user != holder:
        who = holder or "others than root"
        raise _unsafe(host, f"{reported[STEERED]} names {user} as ejabberd's user, and {who} may "
                            "write it")  # fmt: skip
    return user


def _unsafe(host: Host, what: str) -> HostError:
    return HostError(
        host.name,
        host.where,
        f"unsafe-path: {what}",
        "See by hand who changed it; then give it and its directories to root, or to ejabberd's "
        "user alone, or set service_user in the configuration.",
    )


class _Reading:
    """Puts together the host's values, the table, and the configuration's own values."""

    def __init__(self, host: Host, config: HostConfig, reported: Mapping[str, str]) -> None:
        self._host = host
        self._given = config.overrides
        self._reported = reported
        self._kind = config.platform or kind_of(reported).name
        self._usual = KINDS[self._kind]
        self._sources: dict[str, str] = {
            "kind": _FROM_CONFIG if config.platform else "the host's system"
        }
        if STEERED in reported:
            self._sources[STEERED] = reported[STEERED]

    def platform(self) -> Platform:
        """Return it. Raises `NotInstalled`, `HostError`."""
        if "ctl_there" not in self._reported:
            raise self._no_ejabberd()
        if "end" not in self._reported:
            raise HostError(
                self._host.name,
                self._host.where,
                "its ejabberdctl.cfg ends the shell that reads it",
                "Correct that file: `sh -n` on it shows where it is broken.",
            )
        hostname = self._take("hostname", key="hostname", source="hostname -s")
        ejabberdctl = self._take("ejabberdctl", key="ctl", source="found on the host")
        service_user = self._service_user()
        node = self._node(hostname)
        start, stop = self._start_and_stop(ejabberdctl)
        return Platform(
            kind=self._kind,
            node=node,
            home=self._home(),
            spool_dir=self._value("spool_dir", "SPOOL_DIR", "SPOOLDIR").replace("{node}", node),
            log_dir=self._value("log_dir", "LOGS_DIR"),
            config_dir=self._value("config_dir", "CONFIG_DIR", "ETC_DIR", "ETCDIR"),
            service_user=service_user,
            erl=self._erl(),
            epmd=self._take("epmd", key="epmd_found", source=self._from("EPMD")),
            ejabberdctl=ejabberdctl,
            ejabberdctl_cfg=self._value("ejabberdctl_cfg", "EJABBERDCTL_CONFIG_PATH"),
            hostname=hostname,
            start=start,
            stop=stop,
            run_start_as=self._run_start_as(),
            env=MappingProxyType(self._env()),
            dist_options=self._dist_options(),
            sources=MappingProxyType(self._sources),
            boot_options=erl_options.boot(self._reported.get("var.ERLANG_OPTS", "")),
            backup_dir=self._backup_dir(),
            root=self._host.root,
            epmd_unit=self._reported.get("epmd_unit", ""),
            cookie_options=_cookie_options(self._reported.get("cookie_options", "")),
            own_config_file=self._own_config_file(),
        )

    # Where values come from.
    def _keep(self, name: str, value: str, source: str) -> str:
        self._sources[name] = source
        return value

    def _take(self, name: str, *, key: str, source: str) -> str:
        if name in self._given:
            return self._keep(name, self._given[name], _FROM_CONFIG)
        if self._reported.get(key):
            return self._keep(name, self._reported[key], source)
        return self._from_table(name)

    def _value(self, name: str, *variables: str) -> str:
        if name in self._given:
            return self._keep(name, self._given[name], _FROM_CONFIG)
        for variable in variables:
            value = self._reported.get(f"var.{variable}")
            if value:
                return self._keep(name, value, self._from(variable))
        return self._from_table(name)

    def _from_table(self, name: str) -> str:
        value: str | None = getattr(self._usual, name, None)
        if value is None:
            raise HostError(
                self._host.name,
                self._host.where,
                f"the host does not report its {name}",
                f"Set {name} in the configuration.",
            )
        return self._keep(name, value, f"platform {self._kind}")

    def _from(self, variable: str) -> str:
        if f"from_cfg.{variable}" in self._reported:
            return "ejabberdctl.cfg"
        if f"from_unit.{variable}" in self._reported:
            return UNIT
        return "ejabberdctl" if f"var.{variable}" in self._reported else "found on the host"

    # The values that need more than being read.
    def _own_config_file(self) -> str:
        """Where the host's settings put ejabberd.yml; what ejabberdctl makes of them does not."""
        name = "EJABBERD_CONFIG_PATH"
        known = {f"from_cfg.{name}", f"from_unit.{name}"} & self._reported.keys()
        path = self._reported.get(f"var.{name}", "")
        return path if known and "config_dir" not in self._given and path.startswith("/") else ""

    def _service_user(self) -> str:
        if "service_user" in self._given or self._reported.get("var.INSTALLUSER"):
            user = self._value("service_user", "INSTALLUSER")
        else:
            # An ejabberdctl that names no user runs as its caller.
            user = self._keep("service_user", self._host.login, "ejabberdctl runs as its caller")
        if "user_there" not in self._reported:
            raise NotInstalled(
                self._host.name,
                self._host.where,
                f"the user {user}, which ejabberd runs as, is not there",
                "Install ejabberd's package there again, or set service_user.",
            )
        return user

    def _home(self) -> str:
        if "home" in self._given or self._reported.get("var.HOME"):
            return self._value("home", "HOME")
        return self._take("home", key="home", source="the service user's home directory")

    def _node(self, hostname: str) -> str:
        if "node" in self._given:
            node = self._keep("node", self._given["node"], _FROM_CONFIG)
        elif reported := self._reported.get("service_node"):
            node = self._keep("node", reported, "rc.conf")
        elif reported := self._reported.get("var.ERLANG_NODE"):
            node = self._keep("node", reported, self._from("ERLANG_NODE"))
            if NODE_ARG in self._reported:
                self._sources[NODE_ARG] = UNIT
        else:
            node = self._keep("node", "ejabberd", "ejabberd's default")
        if not node.isprintable():
            raise HostError(
                self._host.name,
                self._host.where,
                clean(f"ERLANG_NODE is {node!r}, which is no node name ({self._sources['node']})"),
                "Write it there again, without Windows' line ends.",
            )
        return node if "@" in node else f"{node}@{hostname}"

    def _backup_dir(self) -> str:
        given = self._given.get("backup_dir", "")
        return self._keep("backup_dir", given, _FROM_CONFIG) if given else ""

    def _erl(self) -> str:
        if "erl" in self._given:
            return self._keep("erl", self._given["erl"], _FROM_CONFIG)
        found = self._reported.get("erl_found")
        if not found:
            looked = self._reported.get("var.ERL") or "erl"
            raise NotInstalled(
                self._host.name,
                self._host.where,
                f"there is no Erlang: {looked} cannot be run",
                "Install Erlang there (Debian: apt install erlang-base), or set erl to where "
                "it is.",
            )
        same = found == self._reported.get("var.ERL")
        return self._keep("erl", found, self._from("ERL") if same else "found on the host")

    def _no_ejabberd(self) -> NotInstalled:
        looked = self._reported.get("ctl")
        what = (
            f"there is no ejabberd: {looked} is not there"
            if looked
            else "there is no ejabberd: ejabberdctl was found nowhere"
        )
        return NotInstalled(
            self._host.name,
            self._host.where,
            what,
            "Install ejabberd there (Debian: apt install ejabberd), or set ejabberdctl to where "
            "it is.",
        )

    def _start_and_stop(self, ejabberdctl: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        service = self._reported.get("service", "")
        source = service or "ejabberdctl"
        known = SERVICES.get(service)
        start = known.start if known else (ejabberdctl, "start")
        stop = known.stop if known else (ejabberdctl, "stop")
        unit = self._reported.get("unit")
        if known is SYSTEMD and unit:
            source = f"{unit}, which starts ejabberd at a boot"
            start, stop = (*start[:-1], unit), (*stop[:-1], unit)
        return self._line("start", start, source), self._line("stop", stop, source)

    def _line(self, name: str, line: tuple[str, ...], source: str) -> tuple[str, ...]:
        if name in self._given:
            line, source = tuple(shlex.split(self._given[name])), _FROM_CONFIG
        self._sources[name] = source
        return line

    def _run_start_as(self) -> str | None:
        if "run_start_as" in self._given:
            return self._keep("run_start_as", self._given["run_start_as"], _FROM_CONFIG)
        if STEERED in self._reported and self._sources.get("start") == "ejabberdctl":
            self._sources["run_start_as"] = "others than root may write ejabberdctl's files"
            return self._service_user()
        self._sources["run_start_as"] = "root, where ejtui can become root"
        return self._host.root

    def _env(self) -> dict[str, str]:
        env = {}
        for name in _ENVIRONMENT:
            value = self._reported.get(f"var.{name}")
            if value and (name != "ERL_INETRC" or "inetrc_there" in self._reported):
                env[name] = self._keep(f"env.{name}", value, self._from(name))
        for key, value in self._given.items():
            if key.startswith("env."):
                env[key.removeprefix("env.")] = self._keep(key, value, _FROM_CONFIG)
        for name in _PORTS:
            self._refuse_no_port(name, env.get(name, "0"))
        return env

    def _refuse_no_port(self, name: str, value: str) -> None:
        """Raises HostError for what is no port: it becomes a word of what root runs."""
        if _PORT.fullmatch(value) and int(value) < 1 << 16:
            return
        raise HostError(
            self._host.name,
            self._host.where,
            clean(f"{name} is {value[:40]!r}, which is no port ({self._sources[f'env.{name}']})"),
            "Write a number below 65536 there, or leave it out.",
        )

    def _dist_options(self) -> tuple[str, ...]:
        reported = self._reported
        asked = (
            *erl_options.window(reported.get("var.FIREWALL_WINDOW", "")),
            *erl_options.interface(reported.get("var.INET_DIST_INTERFACE", "")),
            *erl_options.port(reported.get("var.ERL_DIST_PORT", "")),
            *self._ipv6(),
            *(
                each
                for name in _OPTIONS
                for each in erl_options.distribution(reported.get(name, ""))
            ),
        )
        if places := self._places_of("inet_dist_use_interface"):
            self._sources[INTERFACE] = ", ".join(places)
        if "-proto_dist" not in asked:
            # Given where ejtui does not look, and the running VM has it.
            asked = (*asked, *erl_options.protocol(reported.get("vm_arguments", "")))
        if "dist_options" not in self._given:
            self._refuse_password(asked)
        return self._line("dist_options", asked, "ejabberdctl")

    def _refuse_password(self, options: tuple[str, ...]) -> None:
        """Raises HostError where the tools need a password that would be in their command lines."""
        if hiding.HIDDEN not in options or not any("tls" in each for each in options):
            return
        raise HostError(
            self._host.name,
            self._host.where,
            f"-ssl_dist_opt in {self._places_of_password()} has a password: on a command line ps "
            "shows it, and sudo's log keeps it, so ejtui passes none on",
            "Put the password into a file that ejabberd's user alone may read, name that file with "
            "-ssl_dist_optfile in the same place, and restart ejabberd.",
        )

    def _places_of_password(self) -> str:
        """The settings that give it, or the running VM, which has it from elsewhere."""
        return (
            ", ".join(self._places_of(hiding.HIDDEN)) or "the command line of the running ejabberd"
        )

    def _places_of(self, word: str) -> list[str]:
        """The settings with options for erl that have this word among those that it takes."""
        given = [
            name
            for name in _OPTIONS
            if word in erl_options.distribution(self._reported.get(name, ""))
        ]
        variables = [each.removeprefix("var.") for each in given if each.startswith("var.")]
        named = [f"{each} ({self._from(each)})" for each in variables]
        if "vmargs" in given:
            named.append("vm.args")
        return named

    def _ipv6(self) -> tuple[str, ...]:
        """What ejabberdctl of 24.06 and later adds for an interface with an IPv6 address."""
        address = self._reported.get("var.INET_DIST_INTERFACE", "")
        known = ":" in address and "ctl_inet6" in self._reported
        return ("-proto_dist", "inet6_tcp") if known else ()


def _cookie_options(text: str) -> tuple[CookieOption, ...]:
    rows = [line.split("\t") for line in text.splitlines()]
    return tuple(
        CookieOption(row[0], int(row[1]), row[2])
        for row in rows
        if len(row) == len(("path", "line", "sha256")) and row[1].isdigit()
    )
