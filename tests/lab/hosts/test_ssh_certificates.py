"""Certificates, made by ssh-keygen: of the host and of the user."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ejtui.config import HostConfig
from ejtui.hosts import HostKeyUnknown, Unreachable, open_host
from ejtui.hosts.ssh.known_hosts import remember
from tests.lab.hosts.daemons import Daemon, daemon, fingerprint, generate, public, sign

if TYPE_CHECKING:
    from tests.lab.hosts.conftest import Sshd

HOST = ("-I", "host", "-h", "-n", "127.0.0.1")


@dataclass(frozen=True)
class Certified:
    """A sshd with a host certificate of one authority, that trusts users' of another."""

    daemon: Daemon
    directory: Path

    def known(self, file: Path, *lines: str) -> HostConfig:
        """The configuration with known_hosts made of those lines."""
        file.write_text("".join(f"{line}\n" for line in lines))
        return self.daemon.config(file)

    @property
    def authority(self) -> str:
        return f"@cert-authority [127.0.0.1]:*,127.0.0.1 {public(self.directory / 'hosts')}"


@pytest.fixture(scope="module")
def certified(sshd: Sshd, tmp_path_factory: pytest.TempPathFactory) -> Certified:
    directory = tmp_path_factory.mktemp("certified")
    for name in ("hosts", "users"):
        generate(directory / name)
    made = daemon(
        sshd,
        directory,
        "HostCertificate {key}-cert.pub",
        f"TrustedUserCAKeys {directory}/users.pub",
        "AuthorizedKeysFile none",
        sign=lambda key: sign(directory / "hosts", key, *HOST),
    )
    return Certified(made, directory)


@pytest.fixture
def user(certified: Certified, tmp_path: Path) -> Path:
    """A key with a certificate for opsh and opbash."""
    key = tmp_path / "id"
    generate(key)
    sign(certified.directory / "users", key, "-I", "somebody", "-n", "opsh,opbash")
    return key


async def said(config: HostConfig) -> bytes:
    host = open_host(config)
    try:
        await host.connect()
        return (await host.run(["id", "-un"])).stdout.strip()
    finally:
        await host.close()


def with_key(config: HostConfig, key: Path) -> HostConfig:
    return replace(config, identity_file=str(key))


async def test_both_certificates_are_enough(
    certified: Certified, user: Path, tmp_path: Path
) -> None:
    config = certified.known(tmp_path / "known", certified.authority)
    assert await said(with_key(config, user)) == b"opsh"
    assert "Accepted certificate ID" in certified.daemon.log


async def test_a_user_without_a_fitting_certificate_is_not_let_in(
    certified: Certified, user: Path, tmp_path: Path
) -> None:
    config = certified.known(tmp_path / "known", certified.authority)
    for words in (("-n", "opcsh"), ("-n", "opsh", "-V", "20200101:20200102")):
        sign(certified.directory / "users", user, "-I", "somebody", *words)
        with pytest.raises(Unreachable, match="it lets opsh in with none of our keys"):
            await said(with_key(config, user))


async def test_a_certificate_of_an_unknown_authority_leaves_the_key_to_be_compared(
    certified: Certified, user: Path, tmp_path: Path
) -> None:
    config = with_key(certified.known(tmp_path / "known"), user)
    with pytest.raises(HostKeyUnknown) as caught:
        await said(config)
    assert caught.value.fingerprint == fingerprint(certified.daemon.key)
    remember(caught.value)
    assert await said(config) == b"opsh"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("-n", "elsewhere.example"), "principal mismatch"),
        (("-n", "127.0.0.1", "-V", "20200101:20200102"), "expired"),
    ],
)
async def test_a_host_certificate_that_does_not_hold(
    certified: Certified, sshd: Sshd, user: Path, tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    made = daemon(
        sshd,
        tmp_path,
        "HostCertificate {key}-cert.pub",
        sign=lambda key: sign(certified.directory / "hosts", key, "-I", "host", "-h", *words),
    )
    known = tmp_path / "known"
    known.write_text(certified.authority + "\n")
    with pytest.raises(Unreachable, match=why) as caught:
        await said(made.config(known))
    assert caught.value.layer == "host key"
    assert "userauth-request" not in made.log


async def test_a_revoked_key_is_refused_whatever_else_knows_it(
    certified: Certified, user: Path, tmp_path: Path
) -> None:
    key = public(certified.daemon.key)
    config = certified.known(
        tmp_path / "known", certified.daemon.known.strip(), f"@revoked * {key}"
    )
    with pytest.raises(Unreachable) as caught:
        await said(with_key(config, user))
    assert caught.value.layer == "host key"
    assert "revoked" in caught.value.what
