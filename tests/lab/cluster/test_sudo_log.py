"""Where sudo records what passes through it, no secret of a host stands in its record."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping, Sequence

import pytest

from ejtui.lab import breakage, faults
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui

LOGS = "Defaults log_input, log_output, !compress_io, iolog_dir=/run/sudo-io\n"
"""What a site that records its administrators has in /etc/sudoers."""

_OF_CFG, _OF_OPTIONS, _OF_VM_ARGS = "WordOfTheCfg", "WordOfTheOptions", "WordOfTheVmArgs"
_OF_YML, _OF_MODULE, _OF_HOSTS = "WordOfTheYml", "WordOfAModule", "WordOfTheHostsFile"
_OF_RULES, _OF_ARGUMENT, _OF_ENV = "WordOfTheRules", "WordOfAnArgument", "WordOfAnEnvironment"
_OF_ACCOUNT = "WordOfAnAccount"
_YML_FILE = "/etc/ejabberd/ejabberd.yml"
_FILES = ("/etc/hosts", _YML_FILE)

_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}")

_YML = f"""
sql_password: "{_OF_YML}"
ldap_password: "{_OF_YML}"
"""


def record(lab: Lab) -> None:
    """sudo on both hosts records from now on."""
    for host in HOSTS:
        lab.run(host, ["sh", "-c", "cat >>/etc/sudoers"], stdin=LOGS.encode())


def recorded(lab: Lab, host: str) -> bytes:
    """All that it has recorded on a host: what passed through it, and the commands.

    What a reader of it could decode comes behind it, decoded: a probe's questions and answers.
    """
    log = lab.run(host, ["sh", "-c", "find /run/sudo-io -type f -exec cat {} +"]).stdout
    return b"\n".join([log, *map(_decoded, _BASE64.findall(log))])


def _decoded(text: bytes) -> bytes:
    """A term of Erlang's in base64, unpacked; empty for what is none."""
    data = base64.b64decode(text[: len(text) // 4 * 4])
    with contextlib.suppress(zlib.error):
        return zlib.decompressobj().decompress(data[6:]) if data[:2] == b"\x83P" else data
    return b""


def found(lab: Lab, secrets: Mapping[str, str | bytes]) -> list[tuple[str, str]]:
    """Which of the secrets stand in the records, with the host."""
    seen = []
    for host in HOSTS:
        log = recorded(lab, host)
        assert b"ejtui_probe" in log, host
        for name, secret in secrets.items():
            data = secret if isinstance(secret, bytes) else secret.encode()
            if data in log:
                seen.append((host, name))
    return seen


def _seed(node: LabNode) -> None:
    # An option with second's cookie would keep second from taking first's.
    cookie = breakage.read_cookie(node.lab, node.host).strip().decode()
    given = f"-setcookie {cookie} " if node.host == "first" else ""
    ssl = f"-ssl_dist_opt server_password {_OF_OPTIONS} client_password {_OF_OPTIONS}"
    node.configure(ERL_OPTIONS=f"{given}{ssl} -env X {_OF_ENV}", SQL_PASSWORD=_OF_CFG)
    vm_args = f"{given}\n-ssl_dist_opt\n  server_password {_OF_VM_ARGS}\n"
    node.run("sh", "-c", "cat >>/etc/ejabberd/vm.args", stdin=vm_args.encode())
    node.run("sh", "-c", "cat >>/etc/ejabberd/ejabberd.yml", stdin=_YML.encode())
    node.run("ejabberdctl", "reload_config")
    node.run("sh", "-c", "cat >>/etc/hosts", stdin=f"10.9.9.9 vault # {_OF_HOSTS}\n".encode())
    rules = (
        "add table inet site; add set inet site s { type ipv4_addr; };"
        f' add chain inet site c; add rule inet site c ip saddr 10.1.1.1 log prefix "{_OF_RULES}"'
        f' accept comment "{_OF_RULES}"'
    )
    node.run("nft", rules)
    node.run(
        "sh", "-c", 'nohup sh -c "sleep 600; :" loop --password="$1" >/dev/null 2>&1 </dev/null &',
        "sh", _OF_ARGUMENT,
    )  # fmt: skip


def _secrets(lab: Lab) -> Mapping[str, str | bytes]:
    """All of both hosts, by name; from now on sudo records."""
    for host in HOSTS:
        _seed(LabNode(lab, host))
    for host, user in (("first", "guest"), ("second", "both")):
        lab.run(host, ["ejabberdctl", "register", user, "chat.example", _OF_ACCOUNT])
    record(lab)
    return {
        **{f"cookie of {host}": breakage.read_cookie(lab, host).strip() for host in HOSTS},
        "cfg": _OF_CFG, "options": _OF_OPTIONS, "vm.args": _OF_VM_ARGS, "yml": _OF_YML,
        "hosts": _OF_HOSTS, "rules": _OF_RULES, "argument": _OF_ARGUMENT, "env": _OF_ENV,
        "account": _OF_ACCOUNT,
        # From an unsalted digest a weak password can be guessed.
        "digest of yml": hashlib.sha256(f'<<"{_OF_YML}">>'.encode()).hexdigest(),
    }  # fmt: skip


def _serve_more(lab: Lab) -> None:
    """First serves a virtual host that second does not."""
    first(lab).run("sed", "-i", "/^hosts:/a \\  - more.example", "/etc/ejabberd/ejabberd.yml")
    first(lab).run("ejabberdctl", "reload_config")


_CHECK_FINDS = ("check", "--json")

_STEPS: Sequence[tuple[Callable[[Lab], object], tuple[str, ...]]] = (
    (lambda lab: faults.make("dist-loopback", lab=lab), ("repair", "dist-loopback", "--yes")),
    (lambda lab: faults.make("unresolvable", lab=lab), ("repair", "unresolvable", "--yes")),
    (
        lambda lab: breakage.block_port(lab, "first", 4369),
        ("repair", "epmd-unreachable", "--node", "first", "--yes"),
    ),
    (_serve_more, ("repair", "config-hosts", "--yes")),
    (lambda _: None, ("config",)),
    (lambda _: None, ("check",)),
    (lambda _: None, ("join", "--yes")),
    (lambda _: None, ("backups",)),
    (lambda _: None, ("rollback", "--yes")),
    # Second's own file is back, without first's virtual host.
    (lambda _: None, _CHECK_FINDS),
)


@pytest.mark.parametrize(
    "steps",
    [
        [
            _STEPS[0],
            (lambda _: None, ("config",)),
            (lambda _: None, ("join", "--yes", "--until", "nodes")),
        ],
        pytest.param(_STEPS, marks=pytest.mark.catalogue),
    ],
    ids=["sample", "all"],
)
def test_no_secret_stands_in_sudos_record(
    fresh_lab: Lab, steps: Sequence[tuple[Callable[[Lab], object], tuple[str, ...]]]
) -> None:
    """Files are changed on their hosts; of what stands there besides nothing leaves them."""
    secrets = _secrets(fresh_lab)
    own = {path: second(fresh_lab).run("cat", path) for path in _FILES}
    for prepare, words in steps:
        prepare(fresh_lab)
        before = {path: second(fresh_lab).run("cat", path) for path in _FILES}
        ran = Ejtui(fresh_lab)(*words)
        code = int(words == _CHECK_FINDS)
        assert (ran.returncode, found(fresh_lab, secrets)) == (code, []), (words, ran.stdout)
        assert ('"config-hosts"' in ran.stdout) == (words == _CHECK_FINDS)
        for path, text in before.items():
            left = second(fresh_lab).run("cat", path)
            if words[0] == "rollback" and path == _YML_FILE:
                assert left == own[path], "second has its own file again"
                continue
            assert set(text.splitlines()) <= set(left.splitlines()), "nothing there is lost"
