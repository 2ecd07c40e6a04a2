"""Secrets of every kind in both files and databases; then all of ejtui, and no place has one."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ejtui import paths
from ejtui.lab import breakage
from ejtui.lab.faults.node import LabNode, first, second
from ejtui.lab.lab import Lab
from ejtui.lab.place import HOSTS
from tests.lab.cli.driver import Ejtui
from tests.lab.cluster.test_administration import FILE
from tests.lab.cluster.test_sudo_log import record, recorded
from tests.lab.ui import scenarios
from tests.lab.ui.tmux import Tmux

pytestmark = pytest.mark.catalogue

KINDS = (
    *("Sql", "Ldap", "Captcha", "Jwt", "Token", "Upload", "OfHost", "Remark", "Account"),
    *("Odbc", "Header", "Comment"),
)
TYPED = "WordTypedOnTheScreen"
_FILE = """
define_macro:
  DATABASE_WORD: "{Sql}"
sql_password: DATABASE_WORD # was {Comment} until May
sql_server: "DSN=ej;UID=ej;PWD={Odbc}"
ext_api_headers: "X-AUTH-TOKEN:{Header}"
# the former password: {Remark}
ldap_password: "{Ldap}" # password before: {Remark}
captcha_url: "http://op:{Captcha}@captcha.example/check"
jwt_key: /etc/ejabberd/jwt.key
host_config:
  chat.example:
    ldap_password: "{OfHost}"
"""
_MODULES = """
sed -i -e 's/^auth_password_format: .*/auth_password_format: plain/' \\
    -e "s/^modules:$/&\\n  mod_stun_disco:\\n    secret: $2/" \\
    -e "s/^  mod_stun_disco:$/  mod_http_upload:\\n    external_secret: $3\\n&/" "$1"
cat >>"$1"
"""
_JWT = 'cat >"$1"; chown root:ejabberd "$1"; chmod 640 "$1"'
_LOADED = (
    'ejabberd_option:sql_password() =:= <<"{Sql}">> andalso '
    'ejabberd_option:sql_server() =:= <<"DSN=ej;UID=ej;PWD={Odbc}">> andalso '
    'ejabberd_option:ext_api_headers() =:= <<"X-AUTH-TOKEN:{Header}">> andalso '
    'ejabberd_option:ldap_password(<<"chat.example">>) =:= <<"{OfHost}">> andalso '
    'gen_mod:get_module_opt(<<"chat.example">>, mod_stun_disco, secret) =:= <<"{Token}">>'
)
_LOGS = """
find /var/log /run/ejabberd -type f -exec cat {} + 2>/dev/null || :
journalctl --no-pager -o export
find "$1" -name '*anifest*' -type f -exec cat {} +
"""


def words(host: str) -> dict[str, str]:
    """Each kind's secret on that host."""
    return {kind: f"WordOf{kind}On{host.title()}" for kind in KINDS}


def with_secrets(node: LabNode) -> Mapping[str, str]:
    """The node has loaded a file with all of them; an account's password is plain text."""
    mine = words(node.host)
    key = base64.urlsafe_b64encode(mine["Jwt"].encode()).decode().rstrip("=")
    node.script(_JWT, "/etc/ejabberd/jwt.key", stdin=json.dumps({"kty": "oct", "k": key}).encode())
    text = _FILE.format(**mine).encode()
    node.script(_MODULES, FILE, mine["Token"], mine["Upload"], stdin=text)
    node.ctl("reload_config")
    node.until(_LOADED.format(**mine))
    # By ejabberdctl it would be in ejabberd's own log.
    account = f'<<"plain-{node.host}">>, <<"chat.example">>, <<"{mine["Account"]}">>'
    assert node.ask(f"ejabberd_auth:try_register({account})") == "ok"
    cookie = breakage.read_cookie(node.lab, node.host).decode().strip()
    return {**mine, "JwtEncoded": key, "cookie": cookie}


def forms(secrets: Mapping[str, str]) -> dict[bytes, str]:
    """What is looked for: each secret as it is, in base64, and its bare digest."""
    found: dict[bytes, str] = {}
    for name, secret in secrets.items():
        data = secret.encode()
        found[data] = name
        found[base64.b64encode(data).rstrip(b"=")] = f"{name} in base64"
        if "cookie" not in name:
            # A cookie's digest is shown; it is no word that could be guessed.
            for text in (secret, f'"{secret}"', f'<<"{secret}">>'):
                digest = hashlib.sha256(text.encode()).hexdigest().encode()
                found[digest] = f"digest of {name}"
    return found


class Processes(threading.Thread):
    """Every command line on this computer, its hosts' included, looked at again and again."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[bytes] = set()
        self.looks = 0
        self._end = threading.Event()

    def run(self) -> None:
        while not self._end.is_set():
            for process in Path("/proc").iterdir():
                if process.name.isdigit():
                    with suppress(OSError):
                        self.seen.add((process / "cmdline").read_bytes())
            self.looks += 1
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends the looks. Raises AssertionError where they had ended before."""
        assert self.is_alive()
        self._end.set()
        self.join()


@contextmanager
def watched() -> Iterator[Processes]:
    """The processes meanwhile."""
    processes = Processes()
    processes.start()
    try:
        yield processes
    finally:
        processes.stop()


_SETTINGS = "between the two ejabberd.yml"

COMMANDS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("status",), 0),
    (("plan",), 0),
    (("check",), 1),
    (("config",), 1),
    (("config", "--json"), 1),
    (
        (
            *("config", "--take", "sql_password", "sql_server", "ext_api_headers", "captcha_url"),
            *("mod_stun_disco.secret", "--yes"),
        ),
        1,
    ),
    (("join", "--yes"), 0),
    (("join", "--yes", "--json"), 0),
    (("status", "--json"), 0),
    (("check", "--json"), 1),
    (("backups",), 0),
    (("history",), 0),
    (("history", "show", "--json"), 0),
)
"""What runs before the screen, each with its exit code."""
AFTERWARDS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("history", "export"), 0),
    (("rollback", "--yes"), 0),
    (("check",), 1),
    (("history", "export"), 0),
)


def on_the_screen(lab: Lab, directory: Path) -> list[str]:
    """Settings, everything, the diff, a value typed unseen, the runs; each as it was shown."""
    seen: list[str] = []
    with scenarios.app(lab, directory, 80, 24) as screen:
        stream = directory / "stream"
        screen.record(stream)
        screen.until("e settings")
        screen.keys("e")
        seen.append(screen.until(_SETTINGS))
        seen += [_step(screen, key) for key in ["d", *["Down"] * 12, "d", "Home"]]
        _choose(screen, "ldap_password")
        screen.keys("v")
        seen.append(screen.until("in second's ejabberd.yml"))
        screen.type_unseen(TYPED)
        seen.append(screen.until("•••"))
        screen.keys("Enter")
        seen.append(screen.until("n »No"))
        screen.keys("y")
        seen.append(screen.until("has your ldap_password", 60))
        _settings(screen)
        screen.keys("a", "Enter")
        seen.append(screen.until("n »No"))
        seen += [_step(screen, "PageDown") for _ in range(6)]
        screen.keys("n")
        screen.until(lambda text: "n »No" not in text)
        _main(screen)
        screen.keys("h")
        seen.append(screen.until("outcome"))
        screen.keys("Escape")
        screen.until("? help")
        scenarios.leave(screen)
    return [*seen, stream.read_bytes().decode(errors="replace")]


def _settings(screen: Tmux) -> None:
    """The settings are shown, whether a write left them open or not."""
    if _SETTINGS not in screen.text:
        screen.keys("e")
    screen.until(lambda text: _SETTINGS in text and "asking both nodes" not in text)


def _main(screen: Tmux) -> None:
    if _SETTINGS in screen.text:
        screen.keys("Escape")
    screen.until("? help")


def _step(screen: Tmux, key: str) -> str:
    screen.keys(key)
    time.sleep(0.2)
    return screen.text


def _choose(screen: Tmux, option: str) -> None:
    """Down until the frame below the list is that option's."""
    for _ in range(30):
        if any(line.startswith("┌") and option in line for line in screen.text.splitlines()):
            return
        _step(screen, "Down")
    raise AssertionError(f"no {option}:\n{screen.text}")


def test_no_secret_of_either_side_is_in_any_place(
    fresh_systemd_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = fresh_systemd_lab
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    secrets = {"typed": TYPED}
    for node in (first(lab), second(lab)):
        secrets |= {f"{name} of {node.host}": each for name, each in with_secrets(node).items()}
    record(lab)
    with watched() as processes:
        places = printed(lab, COMMANDS)
        places["the screen"] = "\n".join(on_the_screen(lab, tmp_path)).encode()
        places |= printed(lab, AFTERWARDS)
    assert processes.looks > 100
    places["process list"] = b"\n".join(processes.seen)
    places |= written(lab)
    assert any("journal" in name for name in places), list(places)
    assert any(name.endswith(".cast") for name in places), list(places)
    hits = [
        (place, name)
        for form, name in forms(secrets).items()
        for place, data in places.items()
        if form in data
    ]
    assert hits == []


def printed(lab: Lab, commands: Iterable[tuple[tuple[str, ...], int]]) -> dict[str, bytes]:
    """All that these print; each must end with its exit code."""
    places = {}
    for argv, code in commands:
        ran = Ejtui(lab)(*argv)
        assert ran.returncode == code, (argv, ran.returncode, ran.stdout, ran.stderr)
        places[f"{time.monotonic():.1f} {' '.join(argv)}"] = (ran.stdout + ran.stderr).encode()
    return places


def written(lab: Lab) -> dict[str, bytes]:
    """The logs of both hosts, what sudo recorded there, the manifests, and all files of ejtui's."""
    places = {}
    for host in HOSTS:
        home = lab.form.home(host)
        places[f"logs of {host}"] = lab.run(host, ["sh", "-c", _LOGS, "sh", home]).stdout
        places[f"sudo's record of {host}"] = recorded(lab, host)
    state = Path(paths.state_dir())
    files = [file for file in state.rglob("*") if file.is_file()]
    return places | {f"state: {file.relative_to(state)}": file.read_bytes() for file in files}
