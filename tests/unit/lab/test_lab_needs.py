"""What is missing is named, asked about, and installed without starting anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ejtui.lab import LabError, needs

# Notes what it was asked, and whether services were kept from starting meanwhile.
_APT = """#!/bin/sh
{{ echo "$@"; cat {policy}; }} >> {log}
"""


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer with a shell and nothing the lab needs; answers its directory of programs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in ("sh", "cat", "chmod", "rm", "env"):
        (programs / tool).symlink_to(f"/bin/{tool}")
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr(needs, "_SEARCH", str(programs))
    monkeypatch.setattr(needs, "_POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return programs


def _apt(programs: Path) -> Path:
    log = programs.parent / "apt.log"
    apt = programs / "apt-get"
    apt.write_text(_APT.format(policy=programs.parent / "policy-rc.d", log=log))
    apt.chmod(0o755)
    return log


@pytest.mark.usefixtures("bare")
def test_packages_are_named_where_there_is_no_apt() -> None:
    with pytest.raises(LabError, match=r"ejabberd .*openssh-server") as raised:
        needs.ensure(namespaces=True, yes=True, say=print)
    assert "package manager" in str(raised.value)


def test_the_form_without_privileges_needs_less(bare: Path) -> None:
    assert set(needs.missing(False)) < set(needs.missing(True))
    assert "openssh-server" not in needs.missing(False)


def test_nothing_is_installed_without_a_yes(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = _apt(bare)
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        with pytest.raises(LabError, match="--yes"):
            needs.ensure(namespaces=False, yes=False, say=print)
    assert not log.exists()


def test_no_service_starts_while_packages_are_installed(bare: Path) -> None:
    log = _apt(bare)
    said: list[str] = []
    needs.ensure(namespaces=False, yes=True, say=said.append)
    assert "install -y --no-install-recommends ejabberd erlang-base procps" in log.read_text()
    assert "exit 101" in log.read_text()
    assert "ejabberd" in said[0]
    assert not (bare.parent / "policy-rc.d").exists()


def test_a_policy_that_is_there_stays(bare: Path) -> None:
    log = _apt(bare)
    policy = bare.parent / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    needs.ensure(namespaces=False, yes=True, say=print)
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"
    assert "exit 101" not in log.read_text()


def test_an_ordinary_user_without_sudo_is_told_the_command(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _apt(bare)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError, match="as root: apt-get install ejabberd"):
        needs.ensure(namespaces=False, yes=True, say=print)


def test_a_failed_installation_says_what_apt_said(bare: Path) -> None:
    (bare / "apt-get").write_text("#!/bin/sh\necho 'no such package' >&2\nexit 100\n")
    (bare / "apt-get").chmod(0o755)
    with pytest.raises(LabError, match="no such package"):
        needs.ensure(namespaces=False, yes=True, say=print)
    assert not (bare.parent / "policy-rc.d").exists()
