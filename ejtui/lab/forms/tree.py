"""The files that make a separate host out of this computer's packages."""

from __future__ import annotations

import io
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path

from ejtui.lab import ejabberd, people

OPERATOR = "op"
SERVICE = "ejabberd"
HOME = "/var/lib/ejabberd"
PORTS = {"c2s": 5222, "s2s": 5269, "http": 5280}

# Where in a host the seeding finds its files.
SEEDING = "/run/ejtui-lab"

_OPERATOR_ID = 4242

_SSHD = """\
Port 22
HostKey /etc/ssh/ssh_host_ed25519_key
UsePAM no
UseDNS no
PasswordAuthentication no
PermitRootLogin prohibit-password
AuthorizedKeysFile .ssh/authorized_keys
PrintMotd no
MaxStartups 100:30:200
SetEnv LANG=C.UTF-8
Subsystem sftp internal-sftp
"""

_SUDOERS = f"""\
Defaults env_reset
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
root ALL=(ALL:ALL) ALL
{OPERATOR} ALL=(ALL:ALL) NOPASSWD: ALL
"""

# Without busy waiting: both hosts share this computer's processors with everything else.
_DEFAULTS = """\
ERL_OPTIONS="-env ERL_CRASH_DUMP_BYTES 0 +sbwt none +sbwtdcpu none +sbwtdio none"
ERLANG_NODE=ejabberd@{host}
EJABBERD_PID_PATH=/run/ejabberd/ejabberd.pid
EJABBERD_CONFIG_PATH=/etc/ejabberd/ejabberd.yml
CONTRIB_MODULES_CONF_DIR=/etc/ejabberd/modules.d
"""


@dataclass(frozen=True)
class Identity:
    """What makes one host differ from the other: its name, everyone's addresses, its secrets."""

    host: str
    addresses: dict[str, str]
    host_key: str
    authorized_key: str
    cookie: str
    password: str
    root: Path = Path("/")
    """Of which the host is made, with the users and groups that its packages brought."""


def archive(identity: Identity) -> bytes:
    """The host's own files as a tar, to be laid over a copy of /etc and empty directories."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        _Packer(tar).pack(identity)
    return buffer.getvalue()


class _Packer:
    """Adds files and directories by name, content, owner and mode."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._ids = {"root": (0, 0), OPERATOR: (_OPERATOR_ID, _OPERATOR_ID)}

    def pack(self, identity: Identity) -> None:
        self._accounts(identity.root / "etc")
        self._system(identity)
        self._ssh(identity)
        self._ejabberd(identity)

    def _accounts(self, etc: Path) -> None:
        users = _entries(etc / "passwd")
        groups = _entries(etc / "group")
        service = next(entry for entry in users if entry[0] == SERVICE)
        self._ids[SERVICE] = (int(service[2]), int(service[3]))
        number = str(_OPERATOR_ID)
        users.append([OPERATOR, "x", number, number, "", f"/home/{OPERATOR}", "/bin/bash"])
        groups.append([OPERATOR, "x", number, ""])
        # No password of this computer goes in; `*` lets keys in where `!` would not.
        shadow = [f"{entry[0]}:*:19000:0:99999:7:::" for entry in users]
        self._file("/etc/passwd", _lines([":".join(entry) for entry in users]))
        self._file("/etc/group", _lines([":".join(entry) for entry in groups]))
        self._file("/etc/shadow", _lines(shadow), mode=0o600)

    def _system(self, identity: Identity) -> None:
        addresses = identity.addresses
        hosts = ["127.0.0.1 localhost", *(f"{addresses[name]} {name}" for name in addresses)]
        self._file("/etc/hosts", _lines(hosts))
        self._file("/etc/hostname", f"{identity.host}\n")
        self._file("/etc/resolv.conf", "")
        self._file(
            "/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files\n"
        )
        self._file("/etc/default/locale", "LANG=C.UTF-8\n")
        self._file("/etc/sudoers", _SUDOERS, mode=0o440)
        self._file("/etc/doas.conf", f"permit nopass {OPERATOR}\npermit nopass root\n", mode=0o400)
        self._directory("/root", mode=0o700)
        self._directory(f"/home/{OPERATOR}", OPERATOR)

    def _ssh(self, identity: Identity) -> None:
        self._directory("/run/sshd")
        self._file("/etc/ssh/sshd_config", _SSHD)
        self._file("/etc/ssh/ssh_host_ed25519_key", identity.host_key, mode=0o600)
        for home, owner in (("/root", "root"), (f"/home/{OPERATOR}", OPERATOR)):
            self._directory(f"{home}/.ssh", owner, 0o700)
            self._file(f"{home}/.ssh/authorized_keys", identity.authorized_key, owner, 0o600)

    def _ejabberd(self, identity: Identity) -> None:
        host = identity.host
        self._directory("/run/ejabberd", SERVICE)
        self._directory("/var/log/ejabberd", SERVICE, 0o750)
        self._directory("/etc/ejabberd")
        self._directory("/etc/ejabberd/modules.d")
        self._file(
            "/etc/ejabberd/ejabberd.yml",
            ejabberd.configuration("::", PORTS),
            SERVICE,
            0o600,
        )
        self._file("/etc/ejabberd/inetrc", ejabberd.INETRC)
        self._link("/etc/ejabberd/ejabberdctl.cfg", "../default/ejabberd")
        self._file("/etc/default/ejabberd", _DEFAULTS.format(host=host))
        self._directory(HOME, SERVICE, 0o700)
        self._file(f"{HOME}/.erlang.cookie", identity.cookie, SERVICE, 0o400)
        self._directory(SEEDING, SERVICE, 0o700)
        terms = people.seed_terms(host, identity.password)
        self._file(f"{SEEDING}/accounts", terms, SERVICE, 0o400)
        program = (Path(__file__).parent / "seed.eval").read_text()
        self._file(f"{SEEDING}/seed.eval", program, SERVICE, 0o400)

    def _file(self, path: str, content: str, owner: str = "root", mode: int = 0o644) -> None:
        data = content.encode()
        info = self._info(path, owner, mode)
        info.size = len(data)
        self._tar.addfile(info, io.BytesIO(data))

    def _directory(self, path: str, owner: str = "root", mode: int = 0o755) -> None:
        info = self._info(path, owner, mode)
        info.type = tarfile.DIRTYPE
        self._tar.addfile(info)

    def _link(self, path: str, target: str) -> None:
        info = self._info(path, "root", 0o777)
        info.type = tarfile.SYMTYPE
        info.linkname = target
        self._tar.addfile(info)

    def _info(self, path: str, owner: str, mode: int) -> tarfile.TarInfo:
        info = tarfile.TarInfo(path.lstrip("/"))
        info.uid, info.gid = self._ids[owner]
        info.mode = mode
        info.mtime = int(time.time())
        return info


def _entries(file: Path) -> list[list[str]]:
    """The fields of every user or group, except those the lab makes; none for a missing file."""
    lines = [line for line in file.read_text().splitlines() if line[:1] not in ("", "+", "-", "#")]
    entries = [[name, "x", *rest] for name, _, *rest in (line.split(":") for line in lines)]
    return [entry for entry in entries if entry[0] != OPERATOR]


def _lines(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
