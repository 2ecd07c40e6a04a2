"""A real sshd on loopback, with users of every kind of login shell.

It lives in separate mount and process namespaces: an overlay on /etc adds the users, so
users, settings and files of this computer stay as they are, and nothing outlives it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ejtui.config import HostConfig
from ejtui.hosts import Host, Secrets, open_host
from tests.patience import SECONDS

SHELLS = {"opsh": "/bin/sh", "opbash": "/bin/bash", "opcsh": "/bin/tcsh", "opmksh": "/bin/mksh"}
OTHERS = {"opno": "/usr/sbin/nologin", "svc": "/usr/sbin/nologin", "opask": "/bin/sh"}

# Users with a password: PASSWORD is theirs, ROOT_PASSWORD is root's and svc's.
PASSWORD = "op's own: päss \\w 1"  # noqa: S105 - of users that live as long as the tests
ROOT_PASSWORD = "r00t $ecret"  # noqa: S105
PASSPHRASE = "the key's passphrase"  # noqa: S105
WITH_PASSWORD = {
    "oppw": "/bin/sh",  # sudo with a password, doas with a password, su with root's
    "opcshpw": "/bin/tcsh",  # the same, with another login shell
    "optty": "/bin/bash",  # its sudo wants a terminal
    "oppty": "/bin/bash",  # its sudo makes a new terminal
    "oponce": "/bin/sh",  # its sudo asks but once
    "oplogin": "/bin/sh",  # logs in with a password
    "opkbd": "/bin/sh",  # logs in by keyboard-interactive
    "opboth": "/bin/sh",  # both, keyboard-interactive first
}

_SETUP = r"""
set -e
work=$1; port=$2; shift 2
mount --make-rprivate /
mount -t tmpfs tmpfs "$work/ns"
mkdir "$work/ns/upper" "$work/ns/work"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$work/ns/upper,workdir=$work/ns/work" /etc
mount -t tmpfs tmpfs /home
mount -t tmpfs tmpfs /run
mkdir /run/sshd
uid=52000
for entry do
  user=${entry%%=*}; shell=${entry#*=}; uid=$((uid + 1)); home=/home/$user
  echo "$user:x:$uid:$uid::$home:$shell" >> /etc/passwd
  echo "$user:x:$uid:" >> /etc/group
  echo "$user:*:19000:0:99999:7:::" >> /etc/shadow
  mkdir "$home"
  for f in .profile .bashrc .bash_profile .mkshrc; do
    echo 'echo "Welcome! ejtui-1-2;"; echo "you have mail" >&2; printf "no newline"' > "$home/$f"
  done
  printf '%s\n' 'set echo' 'set verbose' 'set backslash_quote' 'set noclobber' \
    'echo "Welcome to csh"' 'stty erase ^H' > "$home/.cshrc"
  chown -R "$uid:$uid" "$home"
done
cat > /etc/sudoers.d/ejtui <<END
Defaults !use_pty
opask ALL=(ALL) ALL
END
for user in opsh opbash opcsh opmksh; do
  echo "$user ALL=(ALL) NOPASSWD: ALL" >> /etc/sudoers.d/ejtui
  echo "permit nopass $user" >> /etc/doas.conf
done
cat >> /etc/sudoers.d/ejtui <<END
Defaults:optty requiretty
Defaults:oppty use_pty
Defaults:oponce passwd_tries=1
END
for user in oppw opcshpw optty oppty oponce; do
  echo "$user ALL=(ALL) ALL" >> /etc/sudoers.d/ejtui
  echo "permit $user" >> /etc/doas.conf
done
cat > /etc/pam.d/sshd <<END
auth required pam_unix.so
account required pam_permit.so
session required pam_permit.so
END
chpasswd -c SHA256 -s 1000 < "$work/passwords"
chmod 440 /etc/sudoers.d/ejtui
chmod 600 /etc/doas.conf
/usr/sbin/sshd -E "$work/log_pam" -f "$work/sshd_config_pam"
exec /usr/sbin/sshd -D -E "$work/log" -f "$work/sshd_config"
"""

_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {work}/host_key
AuthorizedKeysFile {work}/id.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
Banner {work}/banner
MaxStartups 100
Subsystem sftp internal-sftp
"""

# A second one, that asks for passwords.
_CONFIG_PAM = """
Port {port}
ListenAddress 127.0.0.1
HostKey {work}/host_key
AuthorizedKeysFile {work}/id.pub {work}/locked.pub
PidFile none
StrictModes no
UsePAM yes
MaxAuthTries 3
MaxStartups 100
PasswordAuthentication no
KbdInteractiveAuthentication no
Match User oplogin
  PasswordAuthentication yes
Match User opkbd
  KbdInteractiveAuthentication yes
Match User opboth
  PasswordAuthentication yes
  KbdInteractiveAuthentication yes
"""


@dataclass(frozen=True)
class Sshd:
    """Where the sshd is and what it takes to get in; `asking` is the port that takes passwords."""

    port: int
    work: Path
    asking: int = 0
    inside: tuple[str, ...] = ()
    """What a command begins with to run where this sshd does."""

    def config(self, user: str = "opsh", **changes: Any) -> HostConfig:
        """The configuration of a host that is this sshd, logging in as `user`."""
        values: dict[str, Any] = {
            "name": "first",
            "address": "127.0.0.1",
            "user": user,
            "become": "none" if user == "root" else "sudo",
            "port": self.port,
            "identity_file": str(self.work / "id"),
            "ssh_config": str(self.work / "ssh_config"),
            "known_hosts": str(self.work / "known_hosts"),
        }
        return HostConfig(**(values | changes))

    @asynccontextmanager
    async def host(
        self, user: str = "opsh", secrets: Secrets | None = None, **changes: Any
    ) -> AsyncIterator[Host]:
        """A connected host."""
        host = open_host(self.config(user, **changes), secrets)
        await host.connect()
        try:
            yield host
        finally:
            await host.close()


def _need(there: bool, what: str) -> None:
    """Skip a test that lacks something; where nothing may be skipped, fail it."""
    if there:
        return
    if os.environ.get("CI") == "true" or "EJTUI_NO_SKIP" in os.environ:
        pytest.fail(f"this test must not be skipped here: it needs {what}")
    pytest.skip(f"needs {what}")


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_passwords(path: Path) -> None:
    lines = [f"{user}:{PASSWORD}" for user in WITH_PASSWORD]
    lines += [f"{user}:{ROOT_PASSWORD}" for user in ("root", "svc")]
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n")


def _keygen(path: Path, passphrase: str = "") -> str:
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "", "-f", str(path)]
    subprocess.run(argv, check=True)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


@pytest.fixture(scope="session")
def keygen() -> Callable[[Path], str]:
    """Makes a key pair; returns its public half as known_hosts writes it."""
    return _keygen


@pytest.fixture(scope="session")
def sshd() -> Iterator[Sshd]:
    """A real sshd with the users of SHELLS and OTHERS."""
    _need(os.geteuid() == 0, "root")
    made = subprocess.run(["unshare", "-mp", "--fork", "true"], capture_output=True)
    _need(made.returncode == 0, "the right to make namespaces")
    for program in ("/usr/sbin/sshd", "/bin/tcsh", "/bin/mksh", "/usr/bin/sudo", "/usr/bin/doas"):
        _need(Path(program).exists(), program)
    with open_directory() as work:
        yield from _running(work)


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that every user may write into (pytest's own ones are closed to others)."""
    with open_directory() as place:
        place.chmod(0o777)
        yield place


@pytest.fixture
def root_dir() -> Iterator[Path]:
    """A directory of root's that every user may read."""
    with open_directory() as place:
        yield place


@contextmanager
def open_directory() -> Iterator[Path]:
    """A new directory that every user may read."""
    with tempfile.TemporaryDirectory(prefix="ejtui-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _running(work: Path) -> Iterator[Sshd]:
    (work / "ns").mkdir()
    (work / "ssh_config").touch()
    (work / "banner").write_text("Authorised users only!\n")
    port = free_port()
    host_key = _keygen(work / "host_key")
    _keygen(work / "id")
    asking = free_port()
    (work / "known_hosts").write_text(
        f"[127.0.0.1]:{port} {host_key}\n[127.0.0.1]:{asking} {host_key}\n"
    )
    (work / "sshd_config").write_text(_CONFIG.format(port=port, work=work))
    (work / "sshd_config_pam").write_text(_CONFIG_PAM.format(port=asking, work=work))
    _write_passwords(work / "passwords")
    _keygen(work / "locked", PASSPHRASE)
    shells = {**SHELLS, **OTHERS, **WITH_PASSWORD}
    users = [f"{user}={shell}" for user, shell in shells.items()]
    argv = ["unshare", "-mp", "--fork", "--kill-child", "--mount-proc", "sh", "-c", _SETUP, "setup"]
    with subprocess.Popen(
        [*argv, str(work), str(port), *users], stderr=(work / "setup.err").open("wb")
    ) as process:
        try:
            _until_it_listens(port, process, work)
            # unshare's only child is process 1 of the namespaces.
            init = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
            yield Sshd(port, work, asking, ("nsenter", "-t", init, "-m", "-p"))
        finally:
            process.send_signal(signal.SIGKILL)


def _until_it_listens(port: int, process: subprocess.Popen[bytes], work: Path) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            code = process.poll()
            assert code is None, (code, (work / "setup.err").read_text())
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"sshd does not listen after {SECONDS:g} s")


@pytest.fixture(params=["local", "ssh"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[Host]:
    """This computer, and one behind SSH: root on both."""
    _need(os.geteuid() == 0, "root")
    if request.param == "local":
        host = open_host(HostConfig("first", "local", become="none"))
    else:
        # opsh has no slow profile; root's own could.
        sshd_: Sshd = request.getfixturevalue("sshd")
        host = open_host(sshd_.config("opsh"))
    await host.connect()
    yield host
    await host.close()
