"""A trial of one host: each layer's result as it comes, from its name to its accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from ejtui.cluster.facts.from_probe import node_facts
from ejtui.cluster.facts.node import NodeFacts
from ejtui.config import HostConfig
from ejtui.erlang.probe.client import Probe, ProbeError
from ejtui.erlang.terms.names import BadNodeName
from ejtui.hosts import Host, HostError, Secrets, Unreachable, open_host
from ejtui.hosts.errors import SSH_LAYERS
from ejtui.platforms import Platform, ask_platform

_SHOWN = ("node", "spool_dir", "service_user", "ejabberdctl")


@dataclass(frozen=True)
class Layer:
    """One layer's result: what was found, or the error that stops the trial."""

    name: str
    found: str = ""
    error: Exception | None = None

    @property
    def well(self) -> bool:
        return self.error is None


class Trial:
    """A host on trial. After `layers` what was found is in `platform` and `facts`.

    `host` stays open until `close`, so that a host key can be accepted in between.
    """

    def __init__(self, config: HostConfig, secrets: Secrets) -> None:
        self.config = config
        self.platform: Platform | None = None
        self.facts: NodeFacts | None = None
        self._host: Host = open_host(config, secrets)

    async def layers(self) -> AsyncIterator[Layer]:
        """Yield each layer's result; the first that is not well is the last."""
        name = ""
        try:
            name = "connection"
            await self._host.connect()
            for layer in self._connected():
                yield layer
            name = "root"
            if self._host.root:
                await self._host.run(["true"], user=self._host.root)
            yield Layer(name, self._becomes())
            name = "ejabberd"
            platform = self.platform = await ask_platform(self._host, self.config)
            yield Layer(name, f"{platform.ejabberdctl}, as {platform.service_user}")
            yield Layer("erl", platform.erl)
            yield Layer("node", platform.node)
            yield Layer("spool", platform.spool_dir)
            name = "running"
            facts = self.facts = await self._facts(platform)
            yield Layer("versions", f"ejabberd {facts.ejabberd_version}, OTP {facts.otp_release}")
            yield Layer(name, _running(facts))
        except Unreachable as error:
            if name == "connection":
                for layer in _until(error):
                    yield layer
            else:
                yield Layer(name, error=error)
        except (HostError, ProbeError, BadNodeName) as error:
            yield Layer(name, error=error)

    def _connected(self) -> list[Layer]:
        if self.config.is_local:
            return [Layer("connection", "this computer")]
        well = [Layer(name) for name in SSH_LAYERS[1:-1]]
        return [*well, Layer(SSH_LAYERS[-1], self._host.where)]

    def _becomes(self) -> str:
        if self._host.login == "root":
            return "logs in as root"
        return f"by {self.config.become}" if self._host.root else "not become"

    async def _facts(self, platform: Platform) -> NodeFacts:
        probe = await Probe.start(self._host, platform)
        try:
            return node_facts(self.config.name, platform, await probe.snapshot([]))
        finally:
            await probe.close()

    @property
    def found(self) -> dict[str, tuple[str, str]]:
        """What was found by its name in the configuration: the value, and where it came from."""
        platform = self.platform
        if platform is None:
            return {}
        values = {"platform": (platform.kind, platform.sources.get("kind", ""))}
        for name in _SHOWN:
            values[name] = (getattr(platform, name), platform.sources.get(name, ""))
        return values

    def noted(self, table: dict[str, object]) -> list[str]:
        """Put what the file keeps of what was found into the node's table; return the rest of it
        as notes, for what the table itself does not have."""
        found = self.found
        if "platform" in found:
            table["platform"] = found["platform"][0]
        return [
            f'{key} = "{value}"  ({source})'
            for key, (value, source) in found.items()
            if key not in table
        ]

    @property
    def login(self) -> str:
        """Who logs in on the host."""
        return self._host.login

    async def close(self) -> None:
        """Leave the host."""
        await self._host.close()


def _until(error: Unreachable) -> list[Layer]:
    """The layers below the one that broke, and that one with its error."""
    broken = error.layer or "connection"
    below = SSH_LAYERS[1 : SSH_LAYERS.index(broken)] if broken in SSH_LAYERS[1:] else ()
    return [*map(Layer, below), Layer(broken, error=error)]


def _running(facts: NodeFacts) -> str:
    if not facts.ejabberd:
        return "ejabberd does not run"
    count = facts.accounts
    return f"{count} account{'' if count == 1 else 's'}"
